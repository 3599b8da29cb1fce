import { importsOf, type SourceTree } from './source-tree.ts'

/** Among features an arrow may only point from a key to its values; what is not listed is forbidden. */
const FEATURES = {
  access: [],
  audit: ['access', 'media'],
  blobs: [],
  media: ['access', 'blobs', 'insight'],
  collections: ['access', 'media'],
  events: ['access', 'media'],
  insight: [],
  types: ['media'],
  upload: ['access', 'blobs', 'insight', 'media', 'processing', 'types', 'usage'],
  delivery: ['access', 'media', 'types'],
  archive: ['access', 'delivery'],
  limits: ['access'],
  privacy: ['access', 'delivery', 'insight', 'media'],
  transform: ['access', 'blobs', 'delivery', 'insight', 'media', 'usage'],
  scan: ['access', 'media', 'processing'],
  processing: ['access', 'blobs', 'insight', 'media'],

  retention: ['access', 'blobs', 'media', 'types'],
  usage: ['access', 'blobs'],
  webhooks: ['access', 'events', 'media'],
} as const satisfies Record<string, readonly string[]>

/** From the ground up: a file imports from its own layer and from those below. The command line is the body of main. */
const LAYERS = ['platform', 'features', 'entrances', 'composition', 'cli', 'main'] as const
type Layer = (typeof LAYERS)[number]

const COMPOSITION = new Set([
  'app.ts',
  'audit.ts',
  'blobs.ts',
  'config.ts',
  'credentials.ts',
  'doors.ts',
  'entities.ts',
  'events.ts',
  'expiry.ts',
  'facades.ts',
  'foundation.ts',
  'index.ts',
  'jobs.ts',
  'metrics.ts',
  'observers.ts',
  'understanding.ts',
  'scans.ts',
  'tracing.ts',
  'privacy.ts',
  'pictures.ts',
  'purges.ts',
  'uploads.ts',
  'usage.ts',
  'webhooks.ts',
])
/** Embedded PostgreSQL is one closed part: the rest of the program opens it by its one door. */
const DOORS: Readonly<Record<string, string>> = {
  'platform/db/embedded/': 'platform/db/embedded/embedded-postgres.ts',
}

function layerOf(file: string): Layer | null {
  if (file === 'main.ts') return 'main'
  if (COMPOSITION.has(file)) return 'composition'
  if (file.startsWith('entrances/cli/')) return 'cli'
  const [folder] = file.split('/')
  return LAYERS.find(layer => layer === folder) ?? null
}

const featureOf = (file: string): string | null => /^features\/([^/]+)\//.exec(file)?.[1] ?? null

/** Every import that the blueprint does not allow, in words. */
export function forbiddenImports(tree: SourceTree): string[] {
  return [...importsOf(tree)].flatMap(([file, imports]) => imports.flatMap(target => judge(file, target)))
}

function judge(file: string, target: string): string[] {
  const [from, to] = [layerOf(file), layerOf(target)]
  if (!from) return [`${file} lies in no layer`]
  if (!to) return [`${file} imports ${target}, which lies in no layer`]
  if (LAYERS.indexOf(to) > LAYERS.indexOf(from))
    return [`${file} (${from}) imports ${target} (${to}), which lies above it`]
  for (const [folder, door] of Object.entries(DOORS)) {
    if (target.startsWith(folder) && target !== door && !file.startsWith(folder))
      return [`${file} imports ${target} past ${door}`]
  }
  const [feature, other] = [featureOf(file), featureOf(target)]
  if (!feature || !other || feature === other) return []
  const allowed: readonly string[] | undefined = FEATURES[feature as keyof typeof FEATURES]
  if (!allowed) return [`features/${feature} is not in the table of allowed arrows`]
  return allowed.includes(other)
    ? []
    : [`${file} imports ${target}: features/${feature} may not know features/${other}`]
}

/** Groups of files that import each other in a circle; type-only arrows count too. */
export function importCycles(tree: SourceTree): string[][] {
  const imports = importsOf(tree)
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  // Tarjan's strongly connected components.
  const visit = (file: string): number => {
    order.set(file, order.size)
    low.set(file, order.get(file) as number)
    stack.push(file)
    for (const next of imports.get(file) ?? []) {
      if (!imports.has(next)) continue
      const seen = order.has(next)
        ? stack.includes(next)
          ? (order.get(next) as number)
          : Infinity
        : visit(next)
      low.set(file, Math.min(low.get(file) as number, seen))
    }
    if (low.get(file) === order.get(file)) {
      const group = stack.splice(stack.indexOf(file))
      if (group.length > 1 || (imports.get(file) ?? []).includes(file)) cycles.push(group)
    }
    return low.get(file) as number
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return cycles
}
