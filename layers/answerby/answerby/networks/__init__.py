"""The networks: a further one is a module with the functions of `webhook.Network` and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from answerby.networks import facebook, instagram, standard, x
from answerby.networks.webhook import Network

NETWORKS: Mapping[str, Network] = {
    "facebook": facebook,
    "instagram": instagram,
    "x": x,
    "standard": standard,
}
