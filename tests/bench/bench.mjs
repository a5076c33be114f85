// Start the rig, take every sample, print the table.

import { experiments } from "./experiments.mjs"
import { isDisturbed, report } from "./report.mjs"
import { Rig } from "./rig.mjs"

const AGAIN = 1 // times that a round is taken anew because others disturbed it

const rounds = Number(process.env.REPS || 5)
const only = new RegExp(process.env.ONLY || ".")
const chosen = experiments.filter(({ name }) => only.test(name))

async function takeRound(rig, experiment) {
  const round = {}
  for (const [side, sample] of Object.entries(experiment.sides)) round[side] = await sample(rig, round)
  return round
}

async function takeCleanRound(rig, experiment) {
  let round = await takeRound(rig, experiment)
  for (let again = 0; again < AGAIN && isDisturbed(round); again++) round = await takeRound(rig, experiment)
  return round
}

// Rounds of different experiments alternate, so that a slow minute of the
// machine falls on all of them.
async function measure(rig, results) {
  for (let number = 1; number <= rounds; number++)
    for (const { experiment, rounds: taken } of results) {
      process.stderr.write(`${number}/${rounds} ${experiment.name}\n`)
      taken.push(await takeCleanRound(rig, experiment))
    }
}

if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`REPS is a number from 1 on, not '${process.env.REPS}'`)
if (chosen.length === 0) throw new Error(`no experiment's name matches '${process.env.ONLY}'`)

const rig = new Rig()
const results = chosen.map((experiment) => ({ experiment, rounds: [] }))
try {
  await rig.start()
  await rig.warmUp()
  await measure(rig, results)
} catch (error) {
  console.error(rig.logs())
  console.error(error.stderr ?? error)
  process.exitCode = 1
} finally {
  const taken = results.filter((result) => result.rounds.length > 0)
  if (taken.length > 0) console.log(report(taken, await rig.databaseVersion()))
  await rig.stop()
}
