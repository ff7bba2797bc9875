"""The second half of a sign-in: the second factor, shown with the token that the first half gave."""

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.factors.proofs import find_by_token, take_proof
from rowhouse.kernel.identity.completing import MfaChallenge, complete_sign_in
from rowhouse.kernel.identity.errors import InvalidFactor, InvalidToken
from rowhouse.kernel.identity.lockout import begin_attempt, second_factor_of, source_of, succeeded
from rowhouse.kernel.identity.refusals import refuse_sign_in
from rowhouse.kernel.identity.step_up import Shown, factor_of, kind_of
from rowhouse.kernel.security.events import security_event
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.sessions.service import SignedIn


async def pass_challenge(
    ctx: Ctx, token: str, shown: Shown, device: str | None
) -> tuple[SignedIn | MfaChallenge, bool]:
    """Begins the session that waited for its second factor; the second value says whether its tokens go by cookie.
    Raises `InvalidToken` for a challenge that is over, `InvalidFactor`, or `TooManyAttempts`: whoever has the
    password alone can begin challenges without end, so tries are counted beyond one of them."""
    await ctx.platform.tokens.keys.freshen()
    found = await find_by_token(ctx, "mfa", token, counting=True)
    if found is None:
        raise InvalidToken("This sign-in has expired, or failed five times; begin again.")
    async with apart(ctx, Identity(user_id=found.user_id)) as own:
        source = await source_of(own, device)
    attempt = await begin_attempt(ctx, second_factor_of(found.user_id), source)
    ctx = await acting_as(ctx, Identity(user_id=found.user_id))
    factor = await factor_of(ctx, shown)
    if factor is None:
        # Whoever guesses here has the first factor already.
        await refuse_sign_in(ctx, found.user_id, kind_of(shown), locks=attempt.locks)
        raise InvalidFactor
    if not await take_proof(ctx, found, "mfa"):
        raise InvalidToken
    await succeeded(ctx, attempt)
    if factor == "recovery":
        await security_event(ctx, "recovery_code_used")
    begun = found.details
    done = await complete_sign_in(
        ctx,
        found.user_id,
        methods=[*begun["methods"], factor],
        browser=begun["browser"],
        stay=begun["stay"],
        device=device,
    )
    return done, begun["browser"]
