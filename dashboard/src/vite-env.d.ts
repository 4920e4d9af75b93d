// Types of what Vite brings in besides TypeScript.
/// <reference types="vite/client" />
/// <reference types="svelte" />
