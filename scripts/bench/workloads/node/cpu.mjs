/** Computing in one long step. */
import { sized } from './sized.mjs';

const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
for (let turn = sized(25); turn > 0; turn--) fib(32);
