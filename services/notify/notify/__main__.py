"""Which command runs notify, and which prepares its database?"""

from __future__ import annotations

from lamplight_chassis.running import main
from notify.app import MIGRATIONS, NAME, create_app
from notify.settings import Settings

if __name__ == "__main__":
    main(name=NAME, settings=Settings(), migrations=MIGRATIONS, create_app=create_app)
