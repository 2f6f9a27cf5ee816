#!/usr/bin/env node
/** `interleave`: the profiler without an editor. */
import { codeOf, RecordingError } from '../record/recordingError.ts';
import { isNear } from './arguments.ts';
import { COMMANDS } from './commands.ts';
import { helpFor, VERSION } from './help.ts';
import { lookOf } from './terminal.ts';
import { UsageError } from './usageError.ts';

const UNUSABLE = 2;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V') return say(VERSION);
  if (name === 'help' && rest[0] === 'lint') return main(['lint', '--help']);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    return say(helpFor(rest[0], lookOf(process.stdout)));
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw unknown(name);
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  const first = rest.slice(0, end).findIndex((word) => !word.startsWith('-'));
  const ours = name === 'lint' ? [] : rest.slice(0, first < 0 ? end : first);
  if (ours.some((word) => word === '--help' || word === '-h')) {
    return say(helpFor(name, lookOf(process.stdout)));
  }
  return (await command())(rest);
}

function say(text: string): number {
  console.log(text);
  return 0;
}

function unknown(name: string): UsageError {
  const near = Object.keys(COMMANDS).find((one) => isNear(name, one));
  if (near !== undefined) {
    return new UsageError(`There is no command ${name}. Did you mean ${near}?`);
  }
  const looksLikeProgram = /\.\w+$/.test(name);
  return new UsageError(
    `There is no command ${name}.`,
    looksLikeProgram
      ? `To profile it: interleave run ${name}`
      : `Commands: ${Object.keys(COMMANDS).join(', ')}. See \`interleave help\`.`,
  );
}

// Whoever read us has seen enough, as in `interleave report x | head`.
process.stdout.on('error', (failure) => {
  if (codeOf(failure) !== 'EPIPE') throw failure;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (failure) {
  process.exitCode = UNUSABLE;
  if (failure instanceof UsageError || failure instanceof RecordingError) {
    const { paint } = lookOf(process.stderr);
    console.error(`${paint('error', 'interleave:')} ${failure.message}`);
    if (failure.advice !== '') console.error(failure.advice);
  } else {
    process.exitCode = 70;
    console.error(
      'interleave: this is a fault of Interleave itself. Please report it with these lines:',
    );
    console.error(failure);
  }
}
