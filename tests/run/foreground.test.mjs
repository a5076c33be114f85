// make run: in the foreground, until it is told to end.

import assert from "node:assert/strict"
import { test } from "node:test"
import { isAlive } from "../lib/processes.mjs"
import { checkout } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { withPlace } from "./place.mjs"

const run = `${checkout}/etc/run/run`

async function ends(place, session, how) {
  await session.hears("Ctrl-C stops it.")
  how(session.child)
  await session.ended
  assert.deepEqual(place.processes, [])
  assert.equal(place.hasEnv, false)
}

test("Ctrl-C ends make run and everything it started", () =>
  withPlace({}, (place) =>
    ends(place, place.foreground("make", ["run"]), ({ pid }) => process.kill(-pid, "SIGINT")),
  ))

test("SIGTERM to make alone does the same", () =>
  withPlace({}, (place) =>
    ends(place, place.foreground("make", ["run"]), ({ pid }) => process.kill(pid, "SIGTERM")),
  ))

test("SIGTERM ends the script", () =>
  withPlace({}, (place) => ends(place, place.foreground(run), ({ pid }) => process.kill(pid, "SIGTERM"))))

test("the end of its terminal ends it", () =>
  withPlace({}, (place) =>
    ends(place, place.foreground(run), (child) => {
      child.stdout.destroy()
      child.stderr.destroy()
      process.kill(-child.pid, "SIGHUP")
    }),
  ))

test("so it does where make alone is told", () =>
  withPlace({}, async (place) => {
    const session = place.foreground("script", ["--quiet", "--return", "--command", "make run", "/dev/null"])
    await session.hears("Ctrl-C stops it.")
    session.child.kill("SIGKILL")
    await until(() => place.processes.length === 0, "the end of everything", 30_000)
    assert.equal(place.hasEnv, false)
  }))

test("Ctrl-C while it starts leaves nothing either", () =>
  withPlace({}, async (place) => {
    const session = place.foreground(run)
    await until(() => place.env.TIDINGS_DB_PID, "the database's number in env", 60_000)
    process.kill(-session.child.pid, "SIGINT")
    await session.ended
    assert.deepEqual(place.processes, [])
    assert.equal(place.hasEnv, false)
  }))

test("it says what ended, and goes on with what start starts again", () =>
  withPlace({}, async (place) => {
    const session = place.foreground(run)
    await session.hears("Ctrl-C stops it.")
    const { TIDINGS_NOTIFIER_PID } = place.pids
    process.kill(Number(TIDINGS_NOTIFIER_PID), "SIGKILL")
    await session.hears("notifier has ended")
    assert.equal(place.script("start").status, 0)
    assert.notEqual(place.pids.TIDINGS_NOTIFIER_PID, TIDINGS_NOTIFIER_PID)
    assert.ok(isAlive(session.child.pid))
    await ends(place, session, ({ pid }) => process.kill(-pid, "SIGINT"))
  }))

test("make stop elsewhere ends it", () =>
  withPlace({}, async (place) => {
    const session = place.foreground(run)
    await session.hears("Ctrl-C stops it.")
    assert.equal(place.script("stop").status, 0)
    assert.equal(await session.ended, 0)
  }))

test("it gives a link that makes the first administrator, until there is one", () =>
  withPlace({}, async (place) => {
    const session = place.foreground(run)
    await session.hears("Ctrl-C stops it.")
    const { TIDINGS_URL } = place.env
    assert.ok(session.said().includes(TIDINGS_URL))
    const [, invitation] = /\/register#invitation=(\S+)/.exec(session.said())
    const register = (username) =>
      fetch(`${TIDINGS_URL}/api/v1/users`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: TIDINGS_URL },
        body: JSON.stringify({ username, name: username, password: "correct horse battery", invitation }),
      })
    const first = await register("ada")
    assert.equal(first.status, 201, await first.clone().text())
    assert.equal((await first.json()).role, "admin")
    assert.notEqual((await register("bob")).status, 201, "the link works once")
    await ends(place, session, ({ pid }) => process.kill(-pid, "SIGINT"))

    const again = place.foreground(run)
    await again.hears("Ctrl-C stops it.")
    assert.doesNotMatch(again.said(), /invitation=/)
    await ends(place, again, ({ pid }) => process.kill(-pid, "SIGINT"))
  }))
