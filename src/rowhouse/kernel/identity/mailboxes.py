"""What it means that somebody has shown that a mailbox is theirs."""

from sqlalchemy import delete, select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.identity.models import EmailCode, User
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kit.time import now


async def prove_mailbox(ctx: Ctx, *, signing_in: bool = False) -> User:
    """Locks the context's person, who has just proved their mailbox otherwise than by a registration's code. Where it
    was unproven, whoever registered it may have been somebody else: the password they chose is forgotten, and their
    codes are void. Unless `signing_in`, no session of theirs begins until the transaction ends; a sign-in lets what
    refers to the person be written, since who does so may hold the organization that it waits for."""
    held = select(User).where(User.id == ctx.user).with_for_update(key_share=signing_in)
    user = (await ctx.session.execute(held)).scalar_one()
    if user.email_verified_at is None:
        user.email_verified_at = now()
        user.password_hash = None
        await ctx.session.execute(delete(EmailCode).where(EmailCode.user_id == ctx.user))
    await welcome(ctx, user)
    await ctx.session.flush()
    return user


async def welcome(ctx: Ctx, user: User) -> None:
    """Welcomes a person by mail, once in their life here. Their row is locked."""
    if user.welcomed_at is None:
        user.welcomed_at = now()
        await send_mail(ctx, user.email, "welcome", {})
