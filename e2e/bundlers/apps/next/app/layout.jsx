export const metadata = { title: '...' };

// oxlint-disable-next-line import/no-default-export -- what Next.js looks for
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
