/** Textures of intermediate results, which all recordings of a backend share: they run one after another. */
import type { PooledTexture, RecordedWebGL, TextureManager } from './recorded_host.js';
import { keyOf, type TextureKind } from './recording_context.js';

/** Textures by kind. */
export class SharedTextures {
  private readonly textures = new Map<string, PooledTexture[]>();
  private manager: TextureManager | undefined;
  private users = 0;

  constructor(private readonly backend: RecordedWebGL) {}

  /** Returns a texture for each stand-in, no two the same; {@link leave} gives them back. */
  take(standIns: ReadonlyMap<WebGLTexture, TextureKind>): Map<WebGLTexture, WebGLTexture> {
    this.users++;
    const taken = new Map<string, number>();
    return new Map(
      [...standIns].map(([texture, kind]) => {
        const key = keyOf(kind.shape, kind.usage, kind.isPacked);
        const known = this.textures.get(key) ?? [];
        this.textures.set(key, known);
        const index = taken.get(key) ?? 0;
        taken.set(key, index + 1);
        known[index] ??= this.create(kind);
        return [texture, known[index].texture];
      }),
    );
  }

  /** Ends one use; after the last one, the textures are freed. */
  leave(): void {
    if (--this.users > 0) return;
    // A backend that has been removed cannot free any; they go with its context.
    if (!this.backend.disposed) this.manager?.dispose();
    this.manager = undefined;
    this.textures.clear();
  }

  private create({ shape, usage, isPacked }: TextureKind): PooledTexture {
    const { textureManager, gpgpu } = this.backend;
    // A manager of its own: what the backend's holds counts as tensors.
    const Manager = textureManager.constructor as new (context: typeof gpgpu) => TextureManager;
    this.manager ??= new Manager(gpgpu);
    return this.manager.acquireTexture(shape, usage, isPacked);
  }
}
