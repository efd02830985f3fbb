"""Rendering: our pages as HTML, in one go; Datasette's way asks of each value whether it is to be waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette.utils.asgi import Response
from jinja2 import Template

from reviewdb.site import repeating

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request
    from jinja2 import Environment


class _InOneGo(Template):
    """A template in which nothing is to be waited for, so that no value in it is asked whether it is."""

    async def render_async(self, *args: Any, **named: Any) -> str:  # noqa: ANN401 - as Jinja takes them
        """Render as Datasette asks for it."""
        return self.render(*args, **named)


_environments: WeakKeyDictionary[Datasette, Environment] = WeakKeyDictionary()


def environment(datasette: Datasette) -> Environment:
    """Return Datasette's own Jinja environment, but for the way in which templates are rendered."""
    if datasette not in _environments:
        made = datasette.jinja_env.overlay(enable_async=False)
        made.template_class = _InOneGo
        _environments[datasette] = made
    return _environments[datasette]


async def page(
    datasette: Datasette, request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> Response:
    """Return a page of a review, with what `extra_template_vars` adds for its template.

    It must depend on nothing but its address and the database.
    """
    ready: str | Template = template
    # Whoever serves it with templates of their own may wait for something there, or show what is of the moment.
    if not datasette.template_dir:
        ready = environment(datasette).get_template(template)
        repeating.allow(request.scope)
    html = await datasette.render_template(ready, dict(context or {}), request=request)
    shown: Response = Response.html(html, status=status)
    return shown
