/** Names come from programs and recordings: in the editor they are text, and never its signs or links. */

/** For labels in which `$(name)` is drawn as an icon. */
export function plainLabel(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

/** For notifications, in which `[text](address)` is drawn as a link that may run a command. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
