"""The table of families: each says what happens when, as beats."""

from scenes.families.beats import Beats, Family
from scenes.families.bwc_patrol import BWC_PATROL
from scenes.families.incident_response import INCIDENT_RESPONSE

FAMILIES: dict[str, Family] = {"incident_response": INCIDENT_RESPONSE, "bwc_patrol": BWC_PATROL}

__all__ = ["FAMILIES", "Beats", "Family"]
