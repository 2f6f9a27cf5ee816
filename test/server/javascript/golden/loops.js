// Awaits in loops, promise executors, values written after an await.
async function save(x) {
  await x;
}

export async function loops(items, table, x) {
  for (const item of items) {
    await save(item); // lint: await-in-loop
  }
  for (const item of items) await save(item); // lint: await-in-loop
  for (const key in table) {
    await save(table[key]); // lint: await-in-loop
  }
  for (let i = 0; i < items.length; i++) {
    const a = await save(items[i]); // lint: await-in-loop
    if (x) x(await a); // lint: await-in-loop
  }
  while (x) {
    await save(1); // lint: await-in-loop
  }
  do {
    if (x) await save(2); // lint: await-in-loop
  } while (x);
  for (const item of items) {
    for await (const part of item) x(part); // lint: await-in-loop
  }
  for (const item of await x) x(item);
  for (let i = await x; i < 3; i++) x(i);
  for await (const item of items) await save(item);
  for (const item of items) {
    x(async () => {
      await save(item);
    });
  }
}

export async function heads(items, x) {
  while (await x()) {} // lint: await-in-loop
  while (items.length || 5 > (await x)) {} // lint: await-in-loop
  do {
    items.pop();
  } while (await x()); // lint: await-in-loop
  for (; await x(); ) {} // lint: await-in-loop
  for (let i = 0; i < 3; await x(i++)) {} // lint: await-in-loop
  for (const key in await x()) items.push(key);
  for (const a of items) for (const b of await x(a)) items.push(b); // lint: await-in-loop
  while (x) {
    const late = async () => await x();
    class Inner {
      async run() {
        await x();
      }
    }
    items.push(late, Inner);
    if (x()) {
      await items.pop(); // lint: await-in-loop
    }
  }
  for await (const a of x()) {
    await a;
    for (const b of a) await b; // lint: await-in-loop
  }
  outer: for (;;) {
    switch (x()) {
      case 1:
        await x(1); // lint: await-in-loop
    }
  }
}

export async function needed(fetchPage, items, sleep) {
  let page = await fetchPage(1);
  while (page.next) {
    page = await fetchPage(page.next);
  }
  let cursor;
  do {
    const answer = await fetchPage(cursor);
    cursor = answer.cursor;
  } while (cursor);
  for (let tries = 0; tries < 3; tries++) {
    try {
      return await fetchPage(1);
    } catch {
      await sleep(10);
    }
  }
  for (const item of items) {
    const found = await fetchPage(item); // lint: await-in-loop
    if (found) return found;
  }
  while (await fetchPage(2)) items.pop(); // lint: await-in-loop
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const executors = [
  new Promise(async (resolve) => { // lint: async-promise-executor, async-callback-ignored
    resolve(await save(1));
  }),
  new Promise(async function (resolve) { // lint: async-promise-executor, async-callback-ignored
    resolve(1);
  }),
  new Promise((((async () => {})))), // lint: async-promise-executor, async-callback-ignored
  new Promise((resolve) => resolve(1)),
  new Promise((resolve) => {
    void (async () => resolve(1))();
  }),
];

let total = 0;
let cache;
const state = { n: 0, list: [] };

export async function updates(get, given) {
  total += await get(); // lint: non-atomic-update
  total = total + (await get()); // lint: non-atomic-update
  const next = total;
  total = (await get()) + next; // lint: non-atomic-update
  if (!cache) {
    cache = await get(); // lint: non-atomic-update
  }
  state.n += await get(); // lint: non-atomic-update
  given.n = given.n + (await get()); // lint: non-atomic-update
  let own = 0;
  own += await get();
  return own;
}

export async function atomic(get, given) {
  const more = await get();
  total += more;
  total = (await get()) + total;
  given.n = await get();
  let own = 1;
  own = own + (await get());
  cache = await get();
  return own;
}

export async function members(ctx, get) {
  ctx.body = await get(ctx.path);
  if (!ctx.user) {
    ctx.user = await get(ctx.id); // lint: non-atomic-update
  }
  [cache] = [cache + (await get())]; // lint: non-atomic-update
}

export async function asked(job, other, get) {
  if (!job.done) {
    job.result = await get(); // lint: non-atomic-update
  }
  if (!other.done) {
    const result = await get();
    if (!other.done) other.result = result;
  }
  job.size ??= await get(); // lint: non-atomic-update
  for (const item of job.items) {
    total -= await get(item); // lint: non-atomic-update, await-in-loop
  }
  try {
    total = total * (await get()); // lint: non-atomic-update
  } finally {
    total = 0; // lint: non-atomic-update
  }
  (await get(total)) && (total = 1); // lint: non-atomic-update
}

export function* stepwise() {
  total += yield; // lint: non-atomic-update
}

export async function captured(get) {
  let count = 0;
  const show = () => count;
  count = count + (await get()); // lint: non-atomic-update
  return show;
}
