/** Async functions that await what is there already. */
import { sized } from './sized.mjs';

async function one(value) {
  return value + 1;
}

let sum = 0;
for (let turn = sized(4_000_000); turn > 0; turn--) sum = await one(sum);
console.log(sum);
