"""The forms of accounts, in words."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.codecs.identifiers.registers import check_rpps
from releve.web.accounts.facts import ROLES
from releve.web.forms import SheetForm
from releve.web.templatetags.releve import role_name

__all__ = ["AccountForm", "EntryForm", "FirstForm", "NewCodeForm", "NewPinForm", "PinForm", "UnlockForm"]


def _password(label: object, autocomplete: str, help_text: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        strip=False,
        max_length=200,
        help_text=help_text,  # type: ignore[arg-type]
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": _("Type the code.")},
    )


_CODE_WIDGET = forms.TextInput(
    attrs={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false", "data-scan": "here"}
)


class EntryForm(SheetForm):
    """Taking one's post."""

    badge = forms.CharField(
        label=_("Badge, or identifier"),
        max_length=80,
        widget=_CODE_WIDGET,
        help_text=_("Hold the badge to the reader, or type the identifier printed below it."),
        error_messages={"required": _("Hold the badge to the reader, or type the identifier.")},
    )
    pin = _password(
        _("Island code"),
        "current-password",
        _(
            "With the badge, its PIN; with the identifier, the island’s own code. "
            "The hospital’s usual password is of no use here."
        ),
    )


class UnlockForm(SheetForm):
    """Coming back to one's screen."""

    pin = _password(_("Island code"), "current-password")


class PinForm(SheetForm):
    """The PIN of a badge that was just read."""

    pin = forms.CharField(
        label=_("PIN, six figures"),
        strip=True,
        max_length=20,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Type the PIN.")},
    )


class _TwiceForm(SheetForm):
    password = _password(
        _("New island code"),
        "new-password",
        _("At least 8 characters, or at least 6 figures. Not your hospital password."),
    )
    again = _password(_("The same, once more"), "new-password")

    def clean(self) -> dict[str, object]:
        """Check that both were typed alike."""
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("This is not the same as the first time."))
        return cleaned


class NewCodeForm(_TwiceForm):
    """Another code for an account."""


class NewPinForm(SheetForm):
    """Another PIN for one's badge."""

    password = forms.CharField(
        label=_("New PIN"),
        max_length=20,
        help_text=_("Six figures: no date, none that follow or repeat each other."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("Type the PIN.")},
    )
    again = forms.CharField(
        label=_("The same, once more"),
        max_length=20,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("Type the PIN.")},
    )

    def clean(self) -> dict[str, object]:
        """Check that both were typed alike."""
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("This is not the same as the first time."))
        return cleaned


class _NamedForm(_TwiceForm):
    field_order = ("once", "code", "family", "given", "role", "rpps", "wards", "password", "again")
    code = forms.CharField(
        label=_("Identifier, as on the badge"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=_("Small letters, figures, points or hyphens."),
        error_messages={"required": _("Type the identifier.")},
    )
    family = forms.CharField(
        label=_("Family name"), max_length=80, error_messages={"required": _("Type the name.")}
    )
    given = forms.CharField(label=_("Given name"), max_length=80, required=False)

    def ask_code_again(self) -> None:
        """Say that the code is to be typed again beside whatever else is asked: no page ever gives one back."""
        if self.errors and self.data.get("password") and not self.has_error("password"):
            self.errors.pop("again", None)  # both are empty now: that they differed is of no use any more
            self.add_error("password", _("Type the code again, both times: no page keeps it."))


class FirstForm(_NamedForm):
    """The first administrator."""

    once = forms.CharField(
        label=_("One-time code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("Printed when the island was set up; it serves once."),
        error_messages={"required": _("Type the one-time code.")},
    )


def _rpps_field() -> forms.CharField:
    return forms.CharField(
        label=_("RPPS number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_(
            "Eleven figures, of a profession that has one. One that does not fit is asked once more, kept and marked."
        ),
    )


class _RppsAsked(SheetForm):
    def clean(self) -> dict[str, object]:
        """Ask for a number that does not fit to be read again, once."""
        cleaned = super().clean() or {}
        typed = str(cleaned.get("rpps", ""))
        if typed and check_rpps(typed):
            self.ask_again({"rpps": gettext("This RPPS number does not fit its key.")})
        return cleaned


class RppsForm(_RppsAsked):
    """The number in the national register of an account that is there; left empty, it has none."""

    rpps = _rpps_field()


class AccountForm(_RppsAsked, _NamedForm):
    """An account for a colleague."""

    role = forms.ChoiceField(label=_("Role"), choices=lambda: [(role, role_name(role)) for role in ROLES])
    wards = forms.CharField(
        label=_("Wards"),
        max_length=400,
        required=False,
        help_text=_("Unit codes, with a space between them: 2140 2141."),
    )
    rpps = _rpps_field()
