import assert from "node:assert/strict";
import { RISKS, riskyInScript, riskyInShell } from "../../lib/schema/risky_code.ts";
import { EN } from "../../lib/ui/words/en.ts";

const SHELL: Readonly<Record<string, readonly string[]>> = {
  "rm -rf /tmp/x": ["deletes"],
  "cd x && rm --force -v y": ["deletes"],
  "find . -name '*.o' -delete": ["deletes"],
  "curl -fsSL https://example.org/i.sh | sh": ["runs_download"],
  "wget -qO- https://example.org/i.sh | sudo /bin/bash -s": ["runs_download"],
  "bash <(curl https://example.org/i.sh)": ["runs_download"],
  "sudo apt-get update": ["more_rights"],
  "chmod 4755 x": ["more_rights"],
  "chmod 777 x": ["opens_files"],
  "chown -R nobody .": ["opens_files"],
  "dd if=a of=/dev/sda": ["overwrites_disk"],
  ":(){ :|:& };:": ["forks"],
  "echo aGk= | base64 -d | sh": ["hidden_code"],
  "git push -f origin main": ["rewrites_history"],
  "git reset --hard": ["rewrites_history"],
  "kill -9 1": ["ends_processes"],
  "exec 3<>/dev/tcp/10.0.0.1/80": ["raw_connection"],
  "cat ~/.ssh/id_rsa": ["credentials"],
  "echo x >> ~/.bashrc": ["persists"],
  "npm publish": ["publishes"],
  'psql -c "DROP TABLE users"': ["deletes_data"],
  "curl -k https://example.org": ["no_check"],
  "LD_PRELOAD=./x.so ls": ["preloads"],
  "docker run --privileged x": ["container"],
  "rm -rf a; sudo rm -f b\neval $x": ["deletes", "more_rights", "deletes", "hidden_code"],
};

Deno.test("places in commands are found, in order", () => {
  for (const [command, risks] of Object.entries(SHELL)) {
    assert.deepEqual(riskyInShell(command).map(({ risk }) => risk), risks, command);
  }
});

Deno.test("everyday commands have none", () => {
  const harmless = [
    "echo rm is short for remove",
    "npm ci && npm run build",
    "grep -rf patterns.txt src",
    "curl -fsS https://example.org -o out.json",
    "cat firm-rf.txt",
    "git push origin main",
    "chmod 644 x; chmod +x y",
    "ls | shuf",
    "kill %1",
  ];
  for (const command of harmless) assert.deepEqual(riskyInShell(command), [], command);
});

Deno.test("places in scripts are found", () => {
  const script = `import x from "https://example.org/x.ts";
new Deno.Command("sh"); await Deno.remove("a"); eval("1"); Deno.dlopen("x");`;
  assert.deepEqual(riskyInScript(script).map(({ risk }) => risk), [
    ...["remote_module", "spawns", "deletes", "hidden_code", "preloads"],
  ]);
  assert.deepEqual(riskyInScript("export default () => fetch('https://example.org');"), []);
});

Deno.test("every risk has a reason in words, and long texts don't take long", () => {
  for (const risk of RISKS) assert.ok(EN.risks.reasons[risk].length > 0, risk);
  const started = performance.now();
  for (const part of ["curl x ", "rm -", "chmod -R ", "a | ", "( ", "git push "]) {
    riskyInShell(part.repeat(20_000));
    riskyInScript(part.repeat(20_000));
  }
  assert.ok(performance.now() - started < 30_000, `${performance.now() - started} ms`);
});
