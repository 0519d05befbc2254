"""What is said in a room: to the class by the projector, and to one student by a phone."""

from __future__ import annotations


def unreachable(explore: bool) -> str:
    """Why phones cannot come, and what would let them; with `explore` where that is how the app was started."""
    command = f"python -m sgd_core serve {'--explore ' * explore}--network"
    return f"No phone can join: the app was started for this machine alone. Start it with `{command}`."


def there(phones: int) -> str:
    """How many have joined."""
    if phones == 0:
        return "No phone is here yet."
    return "1 phone is here." if phones == 1 else f"{phones} phones are here."


def answered(answers: int, phones: int) -> str:
    """How many of those who are there have answered."""
    if phones == 0:
        return "no phone is here"
    if answers == phones and phones > 1:
        return f"all {phones} have answered"
    return f"{answers} of {phones} {'has' if answers == 1 else 'have'} answered"


def for_phone(begun: bool, asks: bool, open_: bool, sent: bool, revealed: bool) -> str:
    """What a student is told beside the question; `asks`: whether there is anything to guess, `open_`: still."""
    if not begun:
        return "You are in. Look at the screen; the first question comes by itself."
    if not asks:
        return "Nothing to guess here. Look at the screen; the next question comes by itself."
    if open_:
        return (
            "Sent. You can change it until the guesses are shown."
            if sent
            else "Your guess is sent at once, and can be changed."
        )
    own = "This was your guess." if sent else "You sent no guess."
    if revealed:
        return f"{own} What is true is on the screen; the next question comes by itself."
    return f"{own} All guesses are on the screen now."
