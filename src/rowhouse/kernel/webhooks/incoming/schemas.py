"""What a provider is answered."""

from typing import Literal

from rowhouse.kernel.http.envelope import View


class ReceiptView(View):
    """`accepted`: stored, and about to be worked on. `replayed`: it came before, and nothing was done."""

    status: Literal["accepted", "replayed"]
