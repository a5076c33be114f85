// make start and make stop: what they leave behind, and what they leave alone.

import assert from "node:assert/strict"
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { isAlive } from "../lib/processes.mjs"
import { checkout } from "../lib/site.mjs"
import { withPlace } from "./place.mjs"

const parts = ["WEB", "API", "NOTIFIER", "DB"]

function start(place, variables) {
  const result = place.script("start", [], variables)
  assert.equal(result.status, 0, result.stderr)
  return result
}

test("start leaves an env that names what runs, and stop stops it", () =>
  withPlace({}, async (place) => {
    start(place)
    const { env } = place
    assert.equal(env.TIDINGS_URL, `http://127.0.0.1:${place.variables.PORT}`)
    assert.match(env.TIDINGS_ADMIN_KEY, /^tk_\S+$/)
    assert.equal(env.TIDINGS_DIR, checkout)
    assert.ok(statSync(env.TIDINGS_DB_SOCKET).isSocket())
    for (const part of parts) assert.ok(isAlive(env[`TIDINGS_${part}_PID`]), part)
    assert.equal(statSync(join(place.var, "env")).mode & 0o077, 0, "the key is nobody else's")

    const ready = await fetch(`${env.TIDINGS_URL}/api/v1/ready`)
    assert.equal(ready.status, 200)

    assert.equal(place.script("stop").status, 0)
    assert.deepEqual(place.processes, [])
    assert.equal(place.hasEnv, false)
    assert.equal(existsSync(env.TIDINGS_RUN_DIR), false)
    assert.equal(place.script("stop").status, 0, "stopping again is no failure")
  }))

test("start starts only what does not run", () =>
  withPlace({}, async (place) => {
    start(place)
    const before = place.pids
    start(place)
    assert.deepEqual(place.pids, before)

    for (const part of parts) {
      const old = place.pids
      process.kill(Number(old[`TIDINGS_${part}_PID`]), "SIGKILL")
      start(place)
      const { [`TIDINGS_${part}_PID`]: pid, ...others } = place.pids
      assert.notEqual(pid, old[`TIDINGS_${part}_PID`])
      for (const name of Object.keys(others)) assert.equal(others[name], old[name], `${name} after ${part}`)
      assert.equal((await fetch(`${place.env.TIDINGS_URL}/api/v1/ready`)).status, 200)
    }
  }))

test("what was killed leaves nothing behind that stop does not find", () =>
  withPlace({}, (place) => {
    start(place)
    for (const pid of Object.values(place.pids)) process.kill(Number(pid), "SIGKILL")
    assert.equal(place.script("stop").status, 0)
    assert.deepEqual(place.processes, [])
  }))

test("a second start takes less than 3 seconds, and keeps data and key", () =>
  withPlace({}, async (place) => {
    start(place)
    const { TIDINGS_ADMIN_KEY } = place.env
    place.script("stop")
    const { seconds } = start(place)
    assert.ok(seconds < 3, `${seconds} s`)
    assert.equal(place.env.TIDINGS_ADMIN_KEY, TIDINGS_ADMIN_KEY)
    const answer = await fetch(`${place.env.TIDINGS_URL}/api/v1/users?query=nobody`, {
      headers: { authorization: `Bearer ${TIDINGS_ADMIN_KEY}` },
    })
    assert.notEqual(answer.status, 401)
  }))

test("two run side by side, and stopping one leaves the other", () =>
  withPlace({}, (one) =>
    withPlace({}, async (two) => {
      start(one)
      start(two)
      one.script("stop")
      assert.deepEqual(one.processes, [])
      assert.equal((await fetch(`${two.env.TIDINGS_URL}/api/v1/ready`)).status, 200)
    }),
  ))

test("a VAR too deep for a socket's address keeps its sockets elsewhere", () =>
  withPlace({ below: `${"deep/".repeat(30)}var` }, async (place) => {
    start(place)
    const { TIDINGS_RUN_DIR, TIDINGS_URL } = place.env
    assert.ok(!TIDINGS_RUN_DIR.startsWith(place.dir))
    assert.equal(statSync(TIDINGS_RUN_DIR).mode & 0o077, 0)
    assert.equal((await fetch(`${TIDINGS_URL}/api/v1/ready`)).status, 200)
    place.script("stop")
    assert.equal(existsSync(TIDINGS_RUN_DIR), false)
  }))

test("a number in env that belongs to somebody else is left alone", () =>
  withPlace({}, async (place) => {
    start(place)
    place.script("stop")
    const bystander = place.foreground("sleep", ["60"])
    const { writeFileSync } = await import("node:fs")
    writeFileSync(join(place.var, "env"), `TIDINGS_NOTIFIER_PID=${process.pid}\nTIDINGS_WEB_PID=1\n`)
    assert.equal(place.script("stop").status, 0)
    assert.ok(isAlive(process.pid))
    assert.ok(isAlive(bystander.child.pid))
    bystander.child.kill()
    await bystander.ended
  }))

test("only secrets, data and logs stay in VAR", () =>
  withPlace({}, (place) => {
    start(place)
    place.script("stop")
    assert.deepEqual(readdirSync(place.var).sort(), [
      "accounts.sql", "admin-key", "db", "db-password", "lock", "log", "tidings.conf",
    ])
    for (const name of ["accounts.sql", "admin-key", "db-password", "tidings.conf"])
      assert.equal(statSync(join(place.var, name)).mode & 0o007, 0, name)
  }))
