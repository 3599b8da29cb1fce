import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../audit.ts'
import { type FaultLog, PHASE_NAMES, PHASES, type Phase } from '../fault-log.ts'
import { forget } from '../forget.ts'
import { newSeed, type Random } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'

const SIZE = 50_000_000
const PARALLEL = 4
const KILLS = 60
/** A phase that fate has spared gets the kills that are still missing, up to so many in all. */
const MOST_KILLS = 90
const LEAST_IN_PHASE = 5
/** So many kills lie between two audits: what one leaves meets the next. */
const KILLS_BETWEEN_AUDITS = 5
/** The short phases are widened, so that a kill can strike them. */
const WIDENED: Readonly<Record<Phase, readonly string[]>> = {
  U2: [],
  'U2–U4': ['U3.beforeStat:delay=200', 'U3.done:delay=200', 'U4.beforeCommit:delay=200'],
  'after U4': ['U4.afterCommit:delay=200'],
}

/** How many of the four uploads were in each phase when the gateway died, as its log says. */
type Struck = Readonly<Record<Phase, number>>

/** Runs the uploads, and kills the gateway at a moment of the phase that the seed chooses. */
async function killDuringUploads(site: Site, phase: Phase, { random, deadline }: Lab): Promise<Struck> {
  const log = site.faultLog()
  const widened = WIDENED[phase]
  const started = site.start({ log, ...(widened.length > 0 ? { fault: random.pick(widened) } : {}) })
  const specimens = Array.from({ length: PARALLEL }, () => makeSpecimen(newSeed(random), SIZE))
  await started
  // Promised in this run, for the kill to take nothing from.
  await site.uploadOne(newSeed(random))
  const uploads = specimens.map(specimen => site.upload(specimen))
  await aMomentOf(phase, log, { random, deadline })
  await site.kill()
  for (const outcome of await Promise.all(uploads))
    assert.notEqual(outcome.kind, 'refused', `the gateway refused an upload: ${JSON.stringify(outcome)}`)
  return Object.fromEntries(PHASE_NAMES.map(name => [name, log.within(name)])) as Record<Phase, number>
}

async function aMomentOf(
  phase: Phase,
  log: FaultLog,
  { random, deadline }: { random: Random; deadline: AbortSignal },
): Promise<void> {
  if (phase === 'U2') {
    await log.until('U2.bytes', log.passed('U2.bytes') + random.integer(1, 150), deadline)
  } else {
    const { from } = PHASES[phase]
    await log.until(from, log.passed(from) + random.integer(1, PARALLEL), deadline)
    // Beyond the widened step, so that some uploads are acknowledged before.
    await delay(random.integer(0, 300))
  }
}

async function run(lab: Lab) {
  const { random, newSite, progress } = lab
  const site = await newSite()
  const inPhase: Record<Phase, number> = { U2: 0, 'U2–U4': 0, 'after U4': 0 }
  let kills = 0
  let acknowledged = 0
  let whole = 0
  const missing = () => PHASE_NAMES.filter(phase => inPhase[phase] < LEAST_IN_PHASE)
  const prove = async () => {
    await site.start()
    const seen = await audit(site)
    acknowledged += seen.acknowledged
    whole += seen.whole
    await forget(site)
    await site.uploadOne(newSeed(random))
    await site.kill()
    progress(`${kills} kills; ${PHASE_NAMES.map(phase => `${phase}: ${inPhase[phase]}`).join(', ')}`)
  }
  while (kills < KILLS || (missing().length > 0 && kills < MOST_KILLS)) {
    const phase = random.pick(kills < KILLS ? PHASE_NAMES : missing())
    const struck = await killDuringUploads(site, phase, lab)
    for (const name of PHASE_NAMES) if (struck[name] > 0) inPhase[name]++
    if (++kills % KILLS_BETWEEN_AUDITS === 0) await prove()
  }
  assert.deepEqual(missing(), [], `too few kills in ${missing().join(', ')}`)
  await prove()
  return {
    [`kills during ${PARALLEL} uploads of 50 MB`]: kills,
    ...Object.fromEntries(
      PHASE_NAMES.map(phase => [
        `of them with an upload in ${phase} (${PHASES[phase].about})`,
        inPhase[phase],
      ]),
    ),
    'acknowledged before the kill, and there': acknowledged,
    'not acknowledged, and there as a whole': whole,
  }
}

export const randomKills: Scenario = {
  name: 'random-kills',
  proves:
    'SIGKILL at random moments of parallel uploads loses nothing that was acknowledged and leaves nothing behind.',
  deadlineSeconds: 1_200,
  run,
}
