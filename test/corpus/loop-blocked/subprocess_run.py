# title: subprocess.run in a request handler
# expect: loop-blocked
# exit: 0
import asyncio
import subprocess
import sys


class App:
    async def __call__(self, path):
        if path == "/convert":
            return self.convert()
        return "not found"

    def convert(self):
        script = "import time; time.sleep(0.3); print('converted')"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True)  # expect: loop-blocked
        return done.stdout


async def main():
    app = App()
    await asyncio.sleep(0.05)
    print(await app("/convert"), await app("/"))


asyncio.run(main())
