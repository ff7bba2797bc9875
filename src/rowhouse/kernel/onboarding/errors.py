"""What can stand against a step of the onboarding.

Conflict 409
├── OnboardingEditedElsewhere    with the present progress as `current`
├── OnboardingStageAhead
├── OnboardingIncomplete
└── OnboardingCompleted
"""

from rowhouse.kernel.errors import Conflict


class OnboardingEditedElsewhere(Conflict):
    code = "onboarding_edited_elsewhere"
    title = "This was edited on another device meanwhile; choose what to keep and save again."


class OnboardingStageAhead(Conflict):
    code, title = "onboarding_stage_ahead", "Finish the stages before this one first."


class OnboardingIncomplete(Conflict):
    code, title = "onboarding_incomplete", "Some stages are still to be done."


class OnboardingCompleted(Conflict):
    code, title = "onboarding_completed", "The onboarding is completed; change what you said in the settings."
