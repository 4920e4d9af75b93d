// sbom.mjs FILE: what a goldstream is made of, as CycloneDX 1.5: every crate that is built into it or builds it, on
// this platform, from `cargo metadata`, and every npm package of the page from its lock file. The same sources give
// the same bytes: no time, no path of this machine.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

if (!process.argv[2]) throw new Error('usage: sbom.mjs FILE')
const out = resolve(process.argv[2])
process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
const host = run('rustc', '-vV').match(/^host: (.*)$/m)[1]
const metadata = JSON.parse(run('cargo', 'metadata', '--format-version', '1', '--locked', '--features', 'kafka-tls', '--filter-platform', host))
const locked = JSON.parse(readFileSync('dashboard/package-lock.json', 'utf8'))

const licences = (expression) => (expression ? [{ expression: expression.replaceAll('/', ' OR ') }] : undefined)
const purl = (kind, name, version) => `pkg:${kind}/${encodeURIComponent(name).replaceAll('%2F', '/')}@${version}`

// Checksums stand in the lock file alone.
const checksums = new Map()
for (const entry of readFileSync('Cargo.lock', 'utf8').split('[[package]]')) {
  const field = (name) => entry.match(new RegExp(`^${name} = "(.*)"$`, 'm'))?.[1]
  if (field('checksum')) checksums.set(`${field('name')}@${field('version')}`, field('checksum'))
}

const packages = new Map(metadata.packages.map((found) => [found.id, found]))
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]))
const binary = metadata.packages.find((found) => found.name === 'goldstream' && !found.source)
const crateRef = (id) => purl('cargo', packages.get(id).name, packages.get(id).version)

/** All that is reached from the binary but by tests. */
const reached = new Set()
const needed = (id) =>
  nodes
    .get(id)
    .deps.filter((dep) => dep.dep_kinds.some((kind) => kind.kind !== 'dev'))
    .map((dep) => dep.pkg)
const waiting = [binary.id]
while (waiting.length) {
  const id = waiting.pop()
  if (reached.has(id)) continue
  reached.add(id)
  waiting.push(...needed(id))
}

const crates = [...reached].filter((id) => id !== binary.id).map((id) => {
  const { name, version, license, description } = packages.get(id)
  const content = checksums.get(`${name}@${version}`)
  const hashes = content ? [{ alg: 'SHA-256', content }] : undefined
  const ref = crateRef(id)
  return { type: 'library', 'bom-ref': ref, name, version, description: description?.trim(), hashes, licenses: licences(license), purl: ref }
})

// What the page is made of and what builds and tests it: the lock file does not tell one from the other.
const npm = new Map()
for (const [path, { version, integrity, license, optional }] of Object.entries(locked.packages)) {
  const name = path.split('node_modules/').at(-1)
  if (!path || !version || npm.has(`${name}@${version}`)) continue
  const [algorithm, digest] = (integrity ?? '').split('-')
  const hashes = digest && [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }]
  const ref = purl('npm', name, version)
  const scope = optional ? 'optional' : undefined
  npm.set(`${name}@${version}`, { type: 'library', 'bom-ref': ref, name, version, scope, hashes: hashes || undefined, licenses: licences(license), purl: ref })
}

const byRef = (a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)
const components = [...crates, ...npm.values()].sort(byRef)
const sorted = (refs) => [...new Set(refs)].sort()
const dependencies = [...reached].map((id) => ({ ref: crateRef(id), dependsOn: sorted(needed(id).map(crateRef)) }))
dependencies.sort((a, b) => (a.ref < b.ref ? -1 : 1))
const self = { type: 'application', 'bom-ref': crateRef(binary.id), name: 'goldstream', version: binary.version, purl: crateRef(binary.id) }
const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex')
const serial = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${serial}`,
  version: 1,
  metadata: { component: self, properties: [{ name: 'goldstream:platform', value: host }] },
  components,
  dependencies,
}
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, JSON.stringify(bom, null, 2) + '\n')
console.log(`${out}: ${crates.length} crates, ${npm.size} npm packages`)
