# title: a password hash deep in a helper
# expect: loop-blocked
# exit: 0
import asyncio
import hashlib
import os


class Passwords:
    rounds = 1_000_000

    def _stretch(self, password, salt):
        return hashlib.pbkdf2_hmac("sha256", password, salt, self.rounds)  # expect: loop-blocked

    def verify(self, password, salt, wanted):
        return self._stretch(password.encode(), salt) == wanted


async def login(user, password):
    await asyncio.sleep(0.02)
    return Passwords().verify(password, os.urandom(16), b"")


async def main():
    print(await login("ada", "pw"))
    await asyncio.sleep(0.05)


asyncio.run(main())
