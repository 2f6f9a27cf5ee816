/** Strongly connected components and a shortest cycle, without recursion: graphs come from strangers. */

/** Components with a cycle in them (more than one node, or a node with an edge to itself). */
export function cyclicComponents<N>(nodes: Iterable<N>, edges: (node: N) => readonly N[]): N[][] {
  const index = new Map<N, number>();
  const low = new Map<N, number>();
  const onStack = new Set<N>();
  const stack: N[] = [];
  const found: N[][] = [];
  let next = 0;
  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { node: N; out: readonly N[]; at: number }[] = [];
    const enter = (node: N) => {
      index.set(node, next);
      low.set(node, next);
      next++;
      stack.push(node);
      onStack.add(node);
      work.push({ node, out: edges(node), at: 0 });
    };
    enter(root);
    while (work.length > 0) {
      const top = work.at(-1)!;
      if (top.at < top.out.length) {
        const target = top.out[top.at++]!;
        if (!index.has(target)) enter(target);
        else if (onStack.has(target))
          low.set(top.node, Math.min(low.get(top.node)!, index.get(target)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined)
        low.set(parent.node, Math.min(low.get(parent.node)!, low.get(top.node)!));
      if (low.get(top.node) !== index.get(top.node)) continue;
      const component: N[] = [];
      let member: N;
      do {
        member = stack.pop()!;
        onStack.delete(member);
        component.push(member);
      } while (member !== top.node);
      if (component.length > 1 || edges(top.node).includes(top.node))
        found.push(component.reverse());
    }
  }
  return found;
}

/** A shortest cycle through `start`, as nodes in order without the repetition of the first; undefined if there is none. */
export function shortestCycle<N>(start: N, edges: (node: N) => readonly N[]): N[] | undefined {
  const from = new Map<N, N>();
  let frontier: N[] = [start];
  const seen = new Set<N>();
  while (frontier.length > 0) {
    const next: N[] = [];
    for (const node of frontier) {
      for (const target of edges(node)) {
        if (target === start) {
          const path: N[] = [node];
          while (path[0] !== start) path.unshift(from.get(path[0]!)!);
          return path;
        }
        if (seen.has(target)) continue;
        seen.add(target);
        from.set(target, node);
        next.push(target);
      }
    }
    frontier = next;
  }
  return undefined;
}
