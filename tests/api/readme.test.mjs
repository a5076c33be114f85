// The script in README does what README says it does.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import test from "node:test"

import { startSite } from "../lib/site.mjs"

const readme = new URL("../../README.md", import.meta.url)

// The block of shell code that mentions word, pointed at another var/.
async function script(word, dir) {
  const blocks = [...(await readFile(readme, "utf8")).matchAll(/^```sh\n(.*?)^```$/gms)]
  const block = blocks.map((match) => match[1]).find((text) => text.includes(word))
  assert.ok(block, `README has no script with ${word}`)
  return block.replace(". var/env", `. ${dir}/var/env`)
}

function run(text) {
  return new Promise((resolve, reject) => {
    const shell = spawn("sh", ["-eu", "-c", text], { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (data) => (output += data))
    shell.on("error", reject)
    shell.on("close", () => resolve(output))
  })
}

for (const how of [
  { web: "nginx", api: "fcgi" },
  { web: "apache", api: "fcgi" },
  { web: "apache", api: "cgi" },
]) {
  test(`curl alone registers two people and sees the message arrive, behind ${how.web} with ${how.api}`, async () => {
    const site = await startSite(how)
    try {
      const output = await run(await script("curl -s -N", site.dir))
      assert.match(output, /"is_new_conversation":true/)
      const event = /event: chat_message\ndata: (.*)\n/.exec(output)
      assert.ok(event, output)
      assert.equal(JSON.parse(event[1]).message, "Hello Bob")
      assert.match(output, /event: hello\n/)
    } finally {
      await site.stop()
    }
  })
}
