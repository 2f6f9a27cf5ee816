/** The table of commands: what each name loads. */

/** Gets what comes after the command's name; gives the exit status. */
export type Command = (args: readonly string[]) => Promise<number>;

export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  sweep: async () => (await import('./sweep.ts')).sweepCommand,
  lint: async () => {
    const { lintCommand } = await import('./lint.ts');
    const io = {
      stdout: (text: string) => process.stdout.write(text),
      stderr: (text: string) => process.stderr.write(text),
    };
    return (args) => lintCommand(args, io);
  },
  samples: async () => (await import('./samples.ts')).samplesCommand,
};
