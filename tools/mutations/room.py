"""Mistakes in what a room takes, tells and forgets."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_ROOMS, _TESTS = "sgd_core/rooms/registry.py", "tests/rooms/test_registry.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/room.py", "tests/evidence/sentences/test_room.py"
_ADDRESS, _ADDRESS_TESTS = "sgd_core/rooms/address.py", "tests/rooms/test_address.py"
_SHARED, _SHARED_TESTS = "sgd_core/rooms/shared.py", "tests/rooms/test_shared.py"
_TOGETHER, _TOGETHER_TESTS = "sgd_core/rooms/together.py", "tests/rooms/test_together.py"
MUTATIONS = (
    Mutation("anybody steers", _ROOMS, "if not hmac.compare_digest(room.secret, secret.encode(errors=\"replace\")):",
             "if not hmac.compare_digest(room.secret, room.secret):", _TESTS),
    Mutation("the secret compared letter by letter", _ROOMS,
             "not hmac.compare_digest(room.secret, secret.encode(errors=\"replace\"))",
             "room.secret != secret.encode(errors=\"replace\")", _TESTS),
    Mutation("the secret told to anybody", _ROOMS, "if visitor not in (room.opener, *room.teachers):", "if False:",
             _TESTS),
    Mutation("who first came in is never let go", _ROOMS, "[-TEACHERS:]", "[:TEACHERS]", _TESTS),
    Mutation("a guess taken after the reveal", _ROOMS, " and room.place.question not in room.revealed", "", _TESTS),
    Mutation("a guess taken for another question", _ROOMS, "if question != room.place.question:", "if False:", _TESTS),
    Mutation("guesses taken while they are shown", _ROOMS, "return self.presses == 0 and not self.guesses",
             "return self.presses == 0", _TESTS),
    Mutation("a room that outlives its time", _ROOMS, "now - room.opened < LIFE", "now - room.opened <= LIFE", _TESTS),
    Mutation("one phone too many", _ROOMS, "len(room.phones) >= PHONES", "len(room.phones) > PHONES", _TESTS),
    Mutation("one room too many", _ROOMS, "len(self._rooms) >= ROOMS", "len(self._rooms) > ROOMS", _TESTS),
    Mutation("a phone's own token believed", _ROOMS, "if token in room.phones:", "if token:", _TESTS),
    Mutation("a message without end", _ROOMS, "if len(guess) > MESSAGE:", "if len(guess) > 2 * MESSAGE:", _TESTS),
    Mutation("silent phones counted", _ROOMS, "heard >= since or token in answered", "True", _TESTS),
    Mutation("phones and answers swapped", _SAID, "{answers} of {phones}", "{phones} of {answers}", _SAID_TESTS),
    Mutation("all, of one more", _SAID, "answers == phones and", "answers >= phones - 1 and", _SAID_TESTS),
    Mutation("a guess said to be sent that was not", _SAID, '"This was your guess." if sent',
             '"This was your guess." if True', _SAID_TESTS),
    Mutation("the given host ignored", _ADDRESS, "    if given:\n", "    if False:\n", _ADDRESS_TESTS),
    Mutation("localhost taken for an address of all", _ADDRESS, 'return host == "localhost"', "return False",
             _ADDRESS_TESTS),
    Mutation("every refusal of shared rooms alike", _SHARED, "raise _ERRORS[error](value)", "raise UserError(value)",
             _SHARED_TESTS),
    Mutation("a question that is too long for its line", _SHARED, "LARGEST = 2**21", "LARGEST = 2**16", _SHARED_TESTS),
    Mutation("a connection that has ended asked for ever", _SHARED, "            self.close()\n        self.close()",
             "            pass\n        pass", _SHARED_TESTS),
    Mutation("waiting one after the other for who has stopped", _SHARED, "acquire(timeout=PATIENCE)", "acquire()",
             _SHARED_TESTS),
    Mutation("apps that outlive who started them", _TOGETHER, "die_with_parent(_PR_SET_PDEATHSIG, signal.SIGTERM)",
             "pass", _TOGETHER_TESTS),
    Mutation("whoever does not listen is left", _TOGETHER, "app.kill()", "return", _TOGETHER_TESTS),
    Mutation("what cannot start is started for ever", _TOGETHER, "if early == 2:", "if early == 200:", _TOGETHER_TESTS),
    Mutation("endings counted that were not soon", _TOGETHER, "else 0\n", "else early + 1\n", _TOGETHER_TESTS),
)  # fmt: skip
