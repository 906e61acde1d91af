'use client';

import { useEffect } from 'react';
import { tryOut } from './try-out.js';

export function Application() {
  useEffect(() => void tryOut(), []);
  return <p>An application</p>;
}
