import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Node } from 'yaml'
import { absolute, type Found } from './found.ts'
import { holdsSecret } from './mask.ts'
import { describeUnknown } from './only.ts'
import { fileVariableOf, isKey, KEYS, SECTIONS, settingOf, type Key } from './settings.ts'

/** A document of settings. */
export interface Text {
  readonly document: Document
  /** Name of a place in it. */
  readonly at: (offset: number) => string
  /** What paths in it are relative to. */
  readonly folder: string
}

/** What a document says. */
export interface Said {
  readonly found: ReadonlyMap<Key, Found>
  readonly faults: readonly string[]
}

const BY_VARIABLE = new Map(
  KEYS.flatMap((key) => settingOf(key).variables.map((variable) => [variable, key] as const)),
)

/** Settings of a document: those without a dot in their name at its top, the others in sections. */
export function settingsIn(text: Text): Said {
  const faults: string[] = []
  const found = new Map<Key, Found>()
  for (const { name, node, value } of leavesOf(text, faults)) {
    const given = value?.toJS(text.document) as unknown
    if (given === undefined || given === null) continue
    const secret = refuseSecret(name, given)
    if (secret === undefined) found.set(name, foundAt(text, name, value ?? node, given))
    else faults.push(`${text.at(startOf(node))}: ${secret}`)
  }
  return { found, faults }
}

interface Member<Name> {
  readonly name: Name
  readonly node: Node
  readonly value: Node | undefined
}

/** Every setting there is a value for; what is none is a fault. */
function leavesOf(text: Text, faults: string[]): readonly Member<Key>[] {
  return membersOf(text, text.document.contents, 'sections', faults).flatMap((section) => {
    const { name, value } = section
    if (isKey(name) && !name.includes('.')) return [{ ...section, name }]
    if (!SECTIONS.has(name)) {
      faults.push(refuseName(text, section, '', [...SECTIONS.keys()]))
      return []
    }
    const known = KEYS.filter((key) => key.startsWith(`${name}.`))
    const inner = membersOf(text, value, `settings, such as ${known[0]}`, faults)
    return inner.flatMap((member) => {
      const key = `${name}.${member.name}`
      if (isKey(key)) return [{ ...member, name: key }]
      const names = known.map((full) => full.slice(name.length + 1))
      faults.push(refuseName(text, member, `${name}.`, names))
      return []
    })
  })
}

/** Members of a map; nothing where nothing stands. */
function membersOf(
  text: Text,
  node: unknown,
  wanted: string,
  faults: string[],
): readonly Member<string>[] {
  const map = resolved(text, node)
  if (!map || (isScalar(map) && map.value === null)) return []
  if (!isMap(map)) {
    faults.push(`${text.at(startOf(map))}: there have to be ${wanted}`)
    return []
  }
  return map.items.flatMap(({ key, value }) =>
    isNode(key) ? [{ name: String(key), node: key, value: isNode(value) ? value : undefined }] : [],
  )
}

function refuseName(text: Text, member: Member<string>, section: string, known: readonly string[]) {
  const { name, node } = member
  const place = text.at(startOf(node))
  const meant = BY_VARIABLE.get(name)
  if (meant !== undefined) return `${place}: ${name} is a variable; in a file it is ${meant}`
  if (isKey(name)) {
    const [outer, inner] = name.split('.')
    return `${place}: ${name} is written as ${inner} in the section ${outer}`
  }
  return `${place}: ${describeUnknown(name, 'setting', known, section)}`
}

/** Why a value has no place in a file, if it has none. */
function refuseSecret(key: Key, given: unknown): string | undefined {
  const { secret, variables } = settingOf(key)
  const ways = `into ${variables[0]}, or into a file that ${fileVariableOf(key)} names`
  if (secret === 'whole') return `${key} is a secret and has no place here: put it ${ways}`
  if (secret !== 'within' || !holdsSecret(String(given))) return undefined
  return `${key} holds a secret, which has no place here: put it ${ways}`
}

function foundAt(text: Text, key: Key, node: Node, given: unknown): Found {
  const path = settingOf(key).written === 'path' && typeof given === 'string'
  return {
    origin: { from: 'file', name: text.at(startOf(node)) },
    given: path ? absolute(text.folder, given) : given,
    label: (parts, unknown) => {
      const part = innermost(text, node, unknown === undefined ? parts : [...parts, unknown])
      return `${text.at(startOf(part))}: ${[key, ...parts].join('.')}`
    },
  }
}

/** The node of a part of a value, as far as there is one. */
function innermost(text: Text, node: Node, parts: readonly PropertyKey[]): Node {
  const outer = resolved(text, node)
  const [first, ...rest] = parts
  if (first === undefined || !outer) return node
  const inner = isMap(outer) || isSeq(outer) ? outer.get(first, true) : undefined
  return isNode(inner) ? innermost(text, inner, rest) : node
}

function resolved({ document }: Text, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document)
  return isNode(node) ? node : undefined
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}
