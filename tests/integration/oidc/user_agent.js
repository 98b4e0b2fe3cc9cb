// A person with a browser: follows redirects, fills in the provider's login and consent forms, keeps its cookies.
// Arguments: the host and the port of the provider, which is on 127.0.0.1; its CA's PEM file; what to do; the URL.
// What to do: "log-in", and then go where the login leads; "say-no"; "mistake", which goes there with another state
// first; or "copy", which writes that address and does not go there.
import { readFileSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

const [host, port, ca, task, start] = process.argv.slice(2);
const cookies = new Map();

function ask(url, form) {
  const options = {
    method: form ? 'POST' : 'GET',
    headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
  };
  if (form) options.headers['Content-Type'] = 'application/x-www-form-urlencoded';
  if (url.protocol === 'https:') {
    if (url.host !== `${host}:${port}`) throw new Error(`sent to ${url.host}`);
    Object.assign(options, { ca: readFileSync(ca), servername: host, host: '127.0.0.1', setHost: false, port });
    options.headers.Host = url.host;
  } else {
    options.headers = {};  // no cookie leaves the provider
  }
  const path = url.pathname + url.search;
  return new Promise((done, failed) => {
    const send = url.protocol === 'https:'
      ? secure({ ...options, path }, read)
      : plain({ ...options, path, host: url.hostname, port: url.port, family: 4 }, read);
    async function read(answer) {
      for (const cookie of answer.headers['set-cookie'] ?? []) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        if (value) cookies.set(name, value); else cookies.delete(name);
      }
      let body = '';
      for await (const part of answer.setEncoding('utf8')) body += part;
      done({ status: answer.statusCode, location: answer.headers.location, body });
    }
    send.on('error', failed).end(form && new URLSearchParams(form).toString());
  });
}

// Where the page's form, or its way out, leads.
function submit(url, page) {
  const prompt = /name="prompt" value="(login|consent)"/.exec(page)?.[1];
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  const [, out] = /<a href="([^"]+\/abort)"/.exec(page) ?? [];
  if (!prompt || !action || !out) throw new Error(`no form that is known, at ${url.pathname}: ${page}`);
  if (task === 'say-no' && prompt === 'consent') return ask(new URL(out, url));
  return ask(new URL(action, url), { prompt, login: 'someone@example.com', password: 'any' });
}

let at = new URL(start);
let answer = await ask(at);
for (let steps = 0; at.protocol === 'https:'; ++steps) {
  if (steps === 20) throw new Error('the login does not end');
  if (answer.location) {
    at = new URL(answer.location, at);
    if (at.protocol === 'https:') answer = await ask(at);
  } else if (answer.status === 200) {
    answer = await submit(at, answer.body);
  } else {
    throw new Error(`${answer.status} at ${at.pathname}: ${answer.body}`);
  }
}
if (task === 'copy') console.log(`at last: ${at}`);
if (task === 'mistake') {
  const other = new URL(at);
  other.searchParams.set('state', 'the-state-of-another');
  console.log(`another state: ${(await ask(other)).status}`);
}
if (task !== 'copy') console.log(`its answer: ${(await ask(at)).status}`);
