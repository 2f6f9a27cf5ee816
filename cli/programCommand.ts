/** What is to be run: a file for Python or Node, a module or any command. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { findInterpreter } from '../record/interpreter.ts';
import { findNode, isNodeFile } from '../record/node.ts';
import { readyProbe } from '../record/readyProbe.ts';
import type { Split } from './arguments.ts';
import { UsageError } from './usageError.ts';

/** The interpreters asked for. */
interface Asked {
  readonly python?: string | undefined;
  readonly node?: string | undefined;
}

/** Executable and arguments. @throws UsageError, RecordingError */
export async function programCommand(
  { program, isCommand }: Split,
  asked: Asked,
): Promise<readonly string[]> {
  return isCommand ? commandOf(program) : fileCommand(program, asked);
}

function commandOf(program: readonly string[]): readonly string[] {
  if (program.length === 0) throw new UsageError('After -- comes the command to profile.');
  return program;
}

async function fileCommand(
  program: readonly string[],
  { python, node }: Asked,
): Promise<readonly string[]> {
  const [file, ...args] = program;
  if (file === undefined) {
    throw new UsageError('What is to be profiled?', 'For example: interleave run server.py');
  }
  if (file === '-m') {
    if (args.length === 0) {
      throw new UsageError(
        'After -m comes the module to profile.',
        'For example: interleave run -m pytest',
      );
    }
    return pythonCommand(program, python);
  }
  if (!existsSync(file)) {
    throw new UsageError(
      `There is no file ${file}.`,
      `To profile a command: interleave run -- ${program.join(' ')}`,
    );
  }
  const isFile = statSync(file).isFile();
  if (isFile && isNodeFile(file)) return [(await findNode(file, { node })).path, ...program];
  if (isFile && !/\.pyw?$/.test(file)) {
    throw new UsageError(
      `${basename(file)} is no .py, .js, .mjs, .cjs or .ts file.`,
      `If it is a command: interleave run -- ${program.join(' ')}\nIf it is Python: interleave run -- python3 ${program.join(' ')}`,
    );
  }
  return pythonCommand(program, python);
}

async function pythonCommand(
  words: readonly string[],
  python: string | undefined,
): Promise<readonly string[]> {
  const interpreter = await findInterpreter({ python });
  await readyProbe(interpreter);
  return [interpreter.path, ...words];
}
