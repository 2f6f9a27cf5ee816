/** Files read in libuv's pool, with keys derived among them, so that the pool comes late. */
import { pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sized } from './sized.mjs';

const derive = promisify(pbkdf2);
const file = fileURLToPath(import.meta.url);
let left = sized(4000);
await Promise.all(
  Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      await readFile(file);
      if (left % 40 === 0) await derive('word', 'salt', 20_000, 32, 'sha256');
    }
  }),
);
