// What cannot start says why, and leaves nothing running.

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { withPlace } from "./place.mjs"

function refuses(place, pattern, variables) {
  const { status, stderr } = place.script("start", [], variables)
  assert.notEqual(status, 0)
  assert.match(stderr, pattern)
  assert.deepEqual(place.processes, [])
  assert.equal(place.hasEnv, false)
}

test("settings come from CONFIG, and refused ones are named", () =>
  withPlace({}, (place) => {
    refuses(place, /no_such_setting/, { CONFIG: "no_such_setting=1" })
    refuses(place, /tidings\.conf/, { CONFIG: "poll_ms=often" })
    refuses(place, /tidings\.conf/, { PORT: "70000" })
    const { status, stderr } = place.script("start", [], { CONFIG: "poll_ms=111 registration=closed" })
    assert.equal(status, 0, stderr)
  }))

test("a port in use is said to be", () =>
  withPlace({}, async (place) => {
    const other = createServer().listen(Number(place.variables.PORT), "127.0.0.1")
    await new Promise((done) => other.once("listening", done))
    try {
      for (const WEB of ["nginx", "apache"])
        refuses(place, new RegExp(`${place.variables.PORT} is in use .*PORT=`), { WEB })
    } finally {
      other.close()
    }
  }))

test("a database that does not start shows the end of its log", () =>
  withPlace({}, (place) => {
    mkdirSync(join(place.var, "db"), { recursive: true })
    writeFileSync(join(place.var, "db/ibdata1"), "not a tablespace")
    refuses(place, /(\[ERROR\][^]*db did not start; the above is the end of .*db\.log)/)
  }))

test("a combination that cannot be is refused", () =>
  withPlace({}, (place) => {
    refuses(place, /WEB=apache with API=cgi/, { WEB: "nginx", API: "cgi" })
    refuses(place, /nginx or apache/, { WEB: "lighttpd" })
  }))

test("a missing tool is told by its Debian package", () =>
  withPlace({}, (place) => {
    const bin = mkdtempSync(join(tmpdir(), "bin-"))
    for (const tool of ["sh", "dirname", "cat"]) symlinkSync(`/bin/${tool}`, join(bin, tool))
    const { status, stderr } = place.script("packages", ["missing", "run"], { PATH: bin })
    rmSync(bin, { recursive: true })
    assert.equal(status, 1)
    assert.match(stderr, /Missing Debian packages:.* multiwatch/)
    assert.match(stderr, / libsodium-dev /)
    assert.equal(place.script("packages", ["missing", "run"]).status, 0)
  }))
