export const metadata = { title: '...' };

// oxlint-disable-next-line import/no-default-export -- Next.js looks for it
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
