# title: a loop closed with a pending task
# expect: task-pending-at-exit
# exit: 0
import asyncio


async def flush(buffer):
    await asyncio.sleep(1)
    buffer.clear()


async def main(loop, buffer):
    loop.create_task(flush(buffer))
    await asyncio.sleep(0.1)


loop = asyncio.new_event_loop()
buffer = [1, 2]
loop.run_until_complete(main(loop, buffer))
loop.close()
print(buffer)
