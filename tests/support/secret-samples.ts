/**
 * Secrets of many services, in the form of each service, and texts that only look like secrets. All are random, made
 * when a test runs, and the same in every run. This file has no real secret and no complete one that a scanner could find.
 */

const digits = '0123456789';
const hex = `${digits}abcdef`;
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const letters = `${upper}${upper.toLowerCase()}`;
const alphanumeric = `${letters}${digits}`;
const base32 = `${upper}234567`;

export interface Sample {
  readonly name: string;
  readonly text: string;
}

interface Secret extends Sample {
  /** The part that must not be stored. Default: the whole text. */
  readonly secret?: string;
}

/** Draws characters. The same seed gives the same characters. */
function drawing(seed: number) {
  let state = seed;
  return (length: number, from = alphanumeric): string =>
    Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return from.charAt((state >>> 8) % from.length);
    }).join('');
}

const uuid = (draw: ReturnType<typeof drawing>) =>
  `${draw(8, hex)}-${draw(4, hex)}-4${draw(3, hex)}-a${draw(3, hex)}-${draw(12, hex)}`;

const base64 = (text: string) => Buffer.from(text).toString('base64');

function pem(kind: string, draw: ReturnType<typeof drawing>): string {
  const lines = Array.from({ length: 6 }, () => draw(64));
  return [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`].join('\n');
}

/** A number with a Luhn check digit. */
function card(start: string, length: number, draw: ReturnType<typeof drawing>): string {
  const body = start + draw(length - start.length - 1, digits);
  let sum = 0;
  for (const [i, digit] of [...body].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return `${body}${(10 - (sum % 10)) % 10}`;
}

export function secrets(seed = 2654435761): Secret[] {
  const draw = drawing(seed);
  const within = (name: string, before: string, secret: string, after = ''): Secret => ({
    name,
    text: `${before}${secret}${after}`,
    secret,
  });
  return [
    { name: 'AWS access key id', text: `AKIA${draw(16, base32)}` },
    { name: 'AWS temporary key id', text: `ASIA${draw(16, base32)}` },
    within('AWS secret key', 'aws_secret_access_key = ', draw(40)),
    within('AWS secret key in JSON', '"SecretAccessKey": "', draw(40), '"'),
    { name: 'GitHub personal token', text: `ghp_${draw(36)}` },
    { name: 'GitHub OAuth token', text: `gho_${draw(36)}` },
    { name: 'GitHub server token', text: `ghs_${draw(36)}` },
    { name: 'GitHub refresh token', text: `ghr_${draw(36)}` },
    { name: 'GitHub fine-grained token', text: `github_pat_${draw(22)}_${draw(59)}` },
    { name: 'GitLab personal token', text: `glpat-${draw(20)}` },
    { name: 'Slack bot token', text: `xoxb-${draw(12, digits)}-${draw(13, digits)}-${draw(24)}` },
    {
      name: 'Slack user token',
      text: `xoxp-${draw(12, digits)}-${draw(12, digits)}-${draw(12, digits)}-${draw(32, hex)}`,
    },
    {
      name: 'Slack webhook',
      text: `https://hooks.slack.com/services/T${draw(8, upper)}/B${draw(8, upper)}/${draw(24)}`,
    },
    { name: 'Stripe live key', text: `sk_live_${draw(24)}` },
    { name: 'Stripe restricted key', text: `rk_live_${draw(24)}` },
    { name: 'Stripe webhook secret', text: `whsec_${draw(32)}` },
    { name: 'OpenAI key', text: `sk-${draw(20)}T3BlbkFJ${draw(20)}` },
    { name: 'OpenAI project key', text: `sk-proj-${draw(74)}T3BlbkFJ${draw(74)}` },
    { name: 'Anthropic key', text: `sk-ant-api03-${draw(93)}AA` },
    { name: 'Google API key', text: `AIza${draw(35)}` },
    { name: 'Google OAuth secret', text: `GOCSPX-${draw(28)}` },
    { name: 'Google OAuth access token', text: `ya29.a0${draw(120)}` },
    { name: 'npm token', text: `npm_${draw(36)}` },
    within('npm token in .npmrc', '//registry.npmjs.org/:_authToken=', uuid(draw)),
    { name: 'PyPI token', text: `pypi-AgEIcHlwaS5vcmc${draw(150)}` },
    { name: 'Hugging Face token', text: `hf_${draw(34, letters)}` },
    { name: 'Groq key', text: `gsk_${draw(52)}` },
    {
      name: 'JSON web token',
      text: `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64('{"sub":"1234567890","iat":1516239022}').replace(/=+$/, '')}.${draw(43)}`,
    },
    { name: 'RSA private key', text: pem('RSA PRIVATE KEY', draw) },
    { name: 'EC private key', text: pem('EC PRIVATE KEY', draw) },
    { name: 'PKCS#8 private key', text: pem('PRIVATE KEY', draw) },
    { name: 'encrypted private key', text: pem('ENCRYPTED PRIVATE KEY', draw) },
    { name: 'OpenSSH private key', text: pem('OPENSSH PRIVATE KEY', draw) },
    { name: 'PGP private key', text: pem('PGP PRIVATE KEY BLOCK', draw) },
    within('password in a URL', 'https://deploy:', `${draw(10)}9x`, '@git.example.net/shop.git'),
    within('password of PostgreSQL', 'postgresql://app:', `${draw(14)}7q`, '@db.example.net:5432/shop'),
    within('password of MongoDB', 'mongodb+srv://app:', `${draw(14)}7q`, '@cluster0.example.net/shop'),
    within('password of MySQL', 'mysql://root:', `${draw(14)}7q`, '@127.0.0.1:3306/shop'),
    within('password of Redis', 'redis://:', `${draw(14)}7q`, '@cache.example.net:6379/0'),
    within('password of AMQP', 'amqps://worker:', `${draw(14)}7q`, '@queue.example.net/jobs'),
    within('password of SQL Server', 'Server=db;Database=shop;User Id=app;Password=', `${draw(12)}4z`, ';'),
    within('password in a file of settings', 'DB_PASSWORD=', `${draw(10)}!7`),
    within('password in JSON', '"password": "', `Tr0ub${draw(4)}&3`, '"'),
    within('basic authorisation', 'Authorization: Basic ', base64(`admin:${draw(18)}7`)),
    within('bearer token', 'curl -H "Authorization: Bearer ', draw(40), '" https://api.example.net'),
    within(
      'Azure storage key',
      'AccountName=shop;AccountKey=',
      `${draw(86)}==`,
      ';EndpointSuffix=core.example.net',
    ),
    within('Azure client secret', 'AZURE_CLIENT_SECRET=', `${draw(3)}8Q~${draw(34)}`),
    within('Twilio secret', 'TWILIO_API_SECRET=', draw(32)),
    within('Twilio token', 'TWILIO_AUTH_TOKEN=', draw(32, hex)),
    { name: 'SendGrid key', text: `SG.${draw(22)}.${draw(43)}` },
    { name: 'Mailgun key', text: `key-${draw(32, hex)}` },
    { name: 'Discord bot token', text: `M${draw(25)}.G${draw(5)}.${draw(38)}` },
    within('Discord webhook', `https://discord.com/api/webhooks/${draw(18, digits)}/`, draw(68)),
    { name: 'Telegram bot token', text: `${draw(9, '123456789')}:AA${draw(33)}` },
    { name: 'Shopify token', text: `shpat_${draw(32, hex)}` },
    { name: 'DigitalOcean token', text: `dop_v1_${draw(64, hex)}` },
    { name: 'Linear key', text: `lin_api_${draw(40)}` },
    { name: 'Notion token', text: `ntn_${draw(11, digits)}${draw(35)}` },
    { name: 'Databricks token', text: `dapi${draw(32, hex)}` },
    { name: 'Docker token', text: `dckr_pat_${draw(27)}` },
    { name: 'Vault token', text: `hvs.${draw(95)}` },
    { name: 'Grafana token', text: `glsa_${draw(32)}_${draw(8, hex)}` },
    { name: 'Figma token', text: `figd_${draw(40)}` },
    within('Heroku key', 'HEROKU_API_KEY=', uuid(draw)),
    within('Datadog key', 'DD_API_KEY: ', draw(32, hex)),
    { name: 'Visa card', text: card('4', 16, draw) },
    { name: 'Mastercard', text: card('53', 16, draw) },
    { name: 'American Express card', text: card('37', 15, draw) },
    { name: 'card in groups', text: card('4', 16, draw).replace(/\d{4}(?=\d)/g, '$& ') },
  ];
}

export function lookAlikes(seed = 40503): Sample[] {
  const draw = drawing(seed);
  return [
    { name: 'git hash', text: `commit ${draw(40, hex)}` },
    { name: 'short git hash', text: `fixed in ${draw(7, hex)}` },
    { name: 'SHA-256 of a file', text: `sha256:${draw(64, hex)}` },
    { name: 'checksum line', text: `${draw(64, hex)}  node-v20.19.0.tar.gz` },
    { name: 'MD5', text: `ETag: "${draw(32, hex)}"` },
    { name: 'image digest', text: `docker.io/library/node@sha256:${draw(64, hex)}` },
    { name: 'UUID', text: `the request ${uuid(draw)} failed` },
    { name: 'UUID in capitals', text: uuid(draw).toUpperCase() },
    { name: 'npm integrity', text: `"integrity": "sha512-${draw(86)}=="` },
    { name: 'integrity of a script', text: `<script integrity="sha384-${draw(64)}">` },
    {
      name: 'lock file line',
      text: `resolved "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz#${draw(40, hex)}"`,
    },
    { name: 'image as data', text: `data:image/png;base64,iVBORw0KGgo${draw(400)}=` },
    { name: 'order number', text: 'order 4532-0151-1283-0367 of last week' },
    { name: 'order number with letters', text: `order DE-${draw(10, digits)}-${draw(3, upper)}` },
    { name: 'invoice', text: `invoice 2026-${draw(8, digits)}` },
    { name: 'international phone number', text: '+49 151 23456789' },
    { name: 'American phone number', text: '(415) 555-2671 or +1 415-555-2671' },
    { name: 'phone numbers beside each other', text: '030 1234567, 030 1234568' },
    { name: 'ISBN', text: 'ISBN 978-3-16-148410-0' },
    { name: 'ISBN without hyphens', text: 'ISBN 9783161484100' },
    { name: 'bank account', text: 'IBAN DE89 3704 0044 0532 0130 00' },
    { name: 'CSS colours', text: 'color: #1a2b3c; background: #ffcc00aa' },
    { name: 'version numbers', text: 'from 1.22.333-beta.4+build.20260301 to 20.19.0' },
    { name: 'moment in milliseconds', text: `at ${1_700_000_000_000 + Number(draw(9, digits))}` },
    { name: 'moment as text', text: '2026-03-04T19:30:00.123456789-08:00' },
    { name: 'id of a page here', text: 'see pg_0mm1n1qm85c761e03d00d' },
    { name: 'id of a video', text: `https://www.youtube.com/watch?v=${draw(11)}` },
    { name: 'id of a document', text: `https://docs.google.com/document/d/${draw(44)}/edit` },
    {
      name: 'link to a message',
      text: `https://shop.slack.com/archives/C${draw(10, upper)}/p${draw(16, digits)}`,
    },
    { name: 'Ethereum address', text: `0x${draw(40, hex)}` },
    { name: 'MAC address', text: '00:1B:44:11:3A:B7' },
    { name: 'IPv6 address', text: '2001:0db8:85a3:0000:0000:8a2e:0370:7334' },
    { name: 'coordinates', text: '52.5200066, 13.4049540' },
    { name: 'public key of SSH', text: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${draw(43)} me@host` },
    { name: 'certificate', text: pem('CERTIFICATE', draw) },
    { name: 'public key', text: pem('PUBLIC KEY', draw) },
    { name: 'variable instead of a key', text: 'apiKey: process.env.OPENAI_API_KEY' },
    { name: 'variable in a URL', text: `postgres://app:${'$'}{DB_PASSWORD}@localhost/shop` },
    { name: 'sentence about a password', text: 'My password is too short, it has eight letters.' },
    { name: 'sentence about tokens', text: 'The model reads 128000 tokens and the key is under the mat.' },
    { name: 'long name in code', text: 'AbstractSingletonProxyFactoryBean2AwareHTTPHandlerV3' },
    { name: 'chunk of a bundle', text: `/assets/index-${draw(8)}.js` },
    { name: 'tracking number', text: `1Z999AA1${draw(10, digits)}` },
    { name: 'chess position', text: 'rnbqkbnr/pp1ppppp/8/2p5/4P3/5N2/PPPP1PPP/RNBQKB1R b KQkq - 1 2' },
  ];
}
