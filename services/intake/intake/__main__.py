"""Which command runs intake, and which prepares its database?"""

from __future__ import annotations

from intake.app import MIGRATIONS, NAME, create_app
from intake.settings import Settings
from lamplight_chassis.running import main

if __name__ == "__main__":
    main(name=NAME, settings=Settings(), migrations=MIGRATIONS, create_app=create_app)
