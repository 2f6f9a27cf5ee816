/** The page of a webview: one script, one stylesheet, and a policy that allows nothing else. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * @param name of the bundle: `dist/NAME.js` and `dist/NAME.css`.
 * @param recording what the page keeps in its state and gives back when the window is loaded again.
 */
export function webviewPage(
  context: vscode.ExtensionContext,
  webview: vscode.Webview,
  name: 'webview' | 'compare',
  recording = '',
): string {
  const nonce = randomBytes(18).toString('base64');
  const at = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(context.extensionUri, 'dist', file)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="recording" content="${encodeURIComponent(recording)}">
<link rel="stylesheet" href="${at(`${name}.css`)}">
<title>Interleave</title>
</head>
<body>
<div id="app"></div>
<script nonce="${nonce}" type="module" src="${at(`${name}.js`)}"></script>
</body>
</html>`;
}
