// title: Two hundred small files at once: the pool is busy for an instant, and that is fine
// expect: nothing
// not: warning
// exit: 0
import { readFile } from 'node:fs/promises';

for (let round = 0; round < 5; round++) {
  const reads = Array.from({ length: 200 }, () => readFile(new URL(import.meta.url), 'utf8'));
  await Promise.all(reads);
  await new Promise((done) => setTimeout(done, 50));
}
