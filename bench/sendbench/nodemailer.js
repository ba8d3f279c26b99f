// nodemailer's pool, building the same message for each reader, with or without DKIM; prints the seconds it took.
// node nodemailer.js PORT COUNT CONNECTIONS MESSAGE.json [KEY.pem]
const fs = require("fs");
const nodemailer = require("nodemailer");
const [port, count, connections, file, key] = process.argv.slice(2);
const mail = JSON.parse(fs.readFileSync(file));
const pool = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port: +port, secure: false, ignoreTLS: true,
  maxConnections: +connections, maxMessages: Infinity,
  dkim: key ? { domainName: "news.example.org", keySelector: "s", privateKey: fs.readFileSync(key) } : undefined,
});
const begun = process.hrtime.bigint();
let next = 0;
async function lane() {
  while (next < +count) {
    const number = next++;
    await pool.sendMail({
      envelope: { from: "bounces@news.example.org", to: `reader${number}@example.net` },
      from: mail.sender, to: `reader${number}@example.net`, subject: mail.subject, html: mail.html, text: mail.text,
      textEncoding: "quoted-printable", messageId: `<${number}@news.example.org>`,
      list: { unsubscribe: `https://news.example.org/unsubscribe/daily/${number}` },
    });
  }
}
Promise.all(Array.from({ length: 2 * +connections }, lane)).then(() => {
  console.log(Number(process.hrtime.bigint() - begun) / 1e9);
  pool.close();
});
