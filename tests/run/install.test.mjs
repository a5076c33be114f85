// make install: what it puts where, and that its parts find each other.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import {
  appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { build, checkout, scriptEnv } from "../lib/site.mjs"

const prefix = "/opt/tidings"
let dir

const install = () => {
  const { status, stderr } = spawnSync("make", ["install", `BUILD=${build}`, `DESTDIR=${dir}`, `PREFIX=${prefix}`], {
    cwd: checkout, env: scriptEnv({}), encoding: "utf8",
  })
  assert.equal(status, 0, stderr)
}

before(() => {
  dir = mkdtempSync(join(tmpdir(), "install-"))
  install()
})
after(() => rmSync(dir, { recursive: true }))

const settings = () => join(dir, "etc/tidings/tidings.conf")
const mode = (path) => statSync(path).mode & 0o777

test("the programs can be run, and the settings name the installed migrations", () => {
  for (const program of ["lib/tidings/api.fcgi", "lib/tidings/notifier", "sbin/tidings"]) assert.equal(mode(join(dir, prefix, program)), 0o755)
  const { stdout } = spawnSync(join(dir, prefix, "sbin/tidings"), ["setting", "migrations_dir"], {
    env: { ...process.env, TIDINGS_CONFIG: settings() }, encoding: "utf8",
  })
  assert.equal(stdout, `${prefix}/share/tidings/migrations\n`)
  assert.deepEqual(readdirSync(join(dir, stdout.trim())), readdirSync(join(checkout, "db/migrations")))
})

test("the settings are not for everybody to read, and stay as they are", () => {
  assert.equal(mode(settings()), 0o640)
  appendFileSync(settings(), "db_password = secret\n")
  install()
  assert.match(readFileSync(settings(), "utf8"), /db_password = secret\n$/)
})

test("the samples name the installed places and the default sockets", () => {
  for (const web of ["nginx", "apache"]) {
    const sample = readFileSync(join(dir, prefix, "share/doc/tidings/examples", web, "tidings.conf"), "utf8")
    assert.doesNotMatch(sample.replace("@NAMES@", ""), /@[A-Z_]+@/)
    assert.doesNotMatch(sample, /\/usr\/(local\/)?share/)
    for (const socket of ["/run/tidings/api.sock", "unix:/run/tidings/push.sock"]) assert.ok(sample.includes(socket), socket)
    const places = new Set(sample.match(new RegExp(`${prefix}/share/tidings/\\w+`, "g")))
    assert.deepEqual([...places].sort(), ["errors", "www"].map((name) => `${prefix}/share/tidings/${name}`))
    for (const place of places) assert.ok(existsSync(join(dir, place)), place)
  }
})

test("everybody, and so the web server, can read what it serves", () => {
  const all = readdirSync(join(dir, prefix, "share"), { recursive: true, withFileTypes: true })
  for (const entry of all) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    assert.equal(mode(path), entry.isDirectory() ? 0o755 : 0o644, path)
  }
})

// The frame in which `make run` has them, around the installed sample.
function frame(web, change) {
  const values = { VAR: dir, RUN: dir, LISTEN: "127.0.0.1:80", USER: "www-data", GROUP: "www-data", OPEN_FILES: "1024", CONNECTIONS: "512" }
  const text = readFileSync(join(checkout, `etc/${web}/${web}.conf`), "utf8")
  const path = join(dir, "web", `${web}.conf`)
  for (const folder of ["web", "tmp"]) mkdirSync(join(dir, folder), { recursive: true })
  writeFileSync(path, change(text.replace(/@([A-Z_]+)@/g, (_, name) => values[name])))
  return path
}

function takes(...command) {
  const { status, stderr } = spawnSync(command[0], command.slice(1), {
    encoding: "utf8", env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  })
  assert.equal(status, 0, stderr)
}

const sampleOf = (web) => join(dir, prefix, "share/doc/tidings/examples", web, "tidings.conf")

test("nginx takes its sample", () => {
  const path = frame("nginx", (text) => text)
  const sample = readFileSync(sampleOf("nginx"), "utf8")
  writeFileSync(join(dir, "web/tidings.conf"), sample.replace("listen 80", `listen unix:${dir}/web.sock`))
  takes("nginx", "-t", "-q", "-e", "stderr", "-p", dir, "-c", path)
})

test("Apache takes its sample inside a virtual host, by FastCGI and by CGI", () => {
  const host = (how) => `Define ${how}\n<VirtualHost *:80>\nInclude "${sampleOf("apache")}"\n</VirtualHost>`
  for (const how of ["FCGI", "CGI"]) takes("apache2", "-t", `-D${how}`, "-f", frame("apache", (text) => text.replace("Include tidings.conf", host(how))))
})
