/**
 * Completes package-lock.json after an `npm install`: some registries do not carry the packages of other platforms, npm
 * then leaves them out, and `npm ci` refuses the lock for it. They are named here without a checksum; only the machines
 * they are for ever fetch them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.ts';

interface Package {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export type Packages = Record<string, Package>;

const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(
  ' ',
);
const PROCESSORS = 'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'.split(' ');

/** Optional packages that nothing in the lock provides, with what has to be written there. */
export function missing(packages: Readonly<Packages>): Packages {
  const stubs: Packages = {};
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!isProvided(packages, path, name)) stubs[`node_modules/${name}`] = stub(name, version);
    }
  }
  return stubs;
}

/** Node's own way of looking: in the package's node_modules, then in those around it. */
function isProvided(packages: Readonly<Packages>, path: string, name: string): boolean {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (`${base === '' ? '' : `${base}/`}node_modules/${name}` in packages) return true;
    if (base === '') return false;
  }
}

/** Such packages say in their name where they belong. */
function stub(name: string, version: string): Package {
  const words = name.split(/[-/]/);
  const cpu = words.find((word) => PROCESSORS.includes(word));
  const os = words.find((word) => SYSTEMS.includes(word));
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    dev: true,
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  };
}

if (import.meta.main) {
  const path = join(ROOT, 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Packages };
  const stubs = missing(lock.packages);
  const all = Object.entries({ ...lock.packages, ...stubs });
  lock.packages = Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${Object.keys(stubs).length} packages of other platforms added.`);
}
