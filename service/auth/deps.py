"""API keys, sessions and admission."""

from service.auth.admission import Admission
from service.auth.controller import SessionController
from service.auth.keyring import Keyring
from service.auth.keys_controller import KeysController
from service.data.database import Database
from service.features import Context, Feature, background
from service.limits.lanes import Lanes


def feature(context: Context) -> Feature:
    """Build the check of callers, which guards every handler."""
    store = context.get(Database)
    keyring = Keyring(store)
    admission = Admission(
        store, keyring, context.settings, context.get(Lanes), same_user=context.same_user
    )
    return Feature(
        handlers=[SessionController, KeysController],
        provides={"keyring": keyring, "admission": admission},
        guards=[admission.guard],
        lifespan=[background(admission.announce)],
    )
