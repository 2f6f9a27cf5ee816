/** A process that writes while others read, in a thread of its own; see follow.test.ts. */
import { workerData } from 'node:worker_threads';
import { RingWriter } from './ringWriter.ts';

const { folder, count } = workerData as { readonly folder: string; readonly count: number };
const writer = new RingWriter(folder);
let defined = 0;
for (let index = 0; index < count; index++) {
  if (index % 100 === 0) writer.define({ def: 'string', id: ++defined, text: `text ${defined}` });
  writer.write({ b: defined });
}
writer.close();
