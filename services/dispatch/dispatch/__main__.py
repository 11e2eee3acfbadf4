"""Which command runs dispatch, and which prepares its database?"""

from __future__ import annotations

from dispatch.app import MIGRATIONS, NAME, create_app
from dispatch.settings import Settings
from lamplight_chassis.running import main

if __name__ == "__main__":
    main(name=NAME, settings=Settings(), migrations=MIGRATIONS, create_app=create_app)
