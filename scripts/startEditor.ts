/**
 * Opens a real editor with the extension and the samples: the desktop VS Code where there is one and a screen, else the
 * packaged one in the browser. Runs until Ctrl-C, then everything it started is gone.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type EditorHost, startEditorHost } from './editorHost.ts';
import { packageExtension } from './package.ts';
import { ROOT } from './project.ts';

/** Returns once the editor is open and the user has been told how to reach it; the promise inside ends with Ctrl-C. */
export async function startEditor(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'ilv-try-'));
  const workspace = join(home, 'samples');
  mkdirSync(workspace);
  // A copy: whoever tries a fix must not change the project's own samples.
  cpSync(join(ROOT, 'samples'), workspace, {
    recursive: true,
    filter: (path) => basename(path) !== '__pycache__',
  });
  let host: EditorHost | undefined;
  const end = async (): Promise<never> => {
    await host?.stop();
    rmSync(home, { recursive: true, force: true });
    process.exit(0);
  };
  process.once('SIGINT', () => void end());
  process.once('SIGTERM', () => void end());

  const desktop = desktopEditor();
  if (desktop !== undefined) {
    console.log(`Opening ${desktop} with the extension and the samples …`);
    const args = [`--extensionDevelopmentPath=${ROOT}`, '--new-window', workspace];
    spawn(desktop, args, { stdio: 'ignore', detached: true }).unref();
    console.log(
      'Close its window when you are done. Press Ctrl-C here to remove the copied samples.',
    );
    setInterval(() => undefined, 60_000);
    return;
  }
  console.log('\nThe editor comes next, in about half a minute:');
  console.log('  packing the extension …');
  const vsix = await packageExtension();
  console.log('  installing it into a VS Code of its own, and starting that …');
  host = await startEditorHost({ vsix: [vsix] });
  const url = `${host.url}/?folder=${encodeURIComponent(workspace)}`;
  console.log(
    [
      '',
      'A real VS Code with the extension is ready in the browser:',
      '',
      `    ${url}`,
      '',
      'Open python/deadlocks/two_locks_deadlock.py and choose ▶ Profile above main().',
      'Ctrl-C here ends it and leaves nothing behind.',
    ].join('\n'),
  );
  openBrowser(url);
}

/** `VSCODE_EXECUTABLE`, or `code` on the PATH where a window can be shown. */
function desktopEditor(): string | undefined {
  if (process.env.VSCODE_EXECUTABLE !== undefined) return process.env.VSCODE_EXECUTABLE;
  const hasScreen =
    process.platform !== 'linux' ||
    process.env.DISPLAY !== undefined ||
    process.env.WAYLAND_DISPLAY !== undefined;
  if (!hasScreen) return undefined;
  const found = spawnSync('code', ['--version'], { shell: process.platform === 'win32' });
  return found.status === 0 ? 'code' : undefined;
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  // No browser here (a server, a container) is no failure: the address is on the screen.
  spawn(command ?? '', args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
