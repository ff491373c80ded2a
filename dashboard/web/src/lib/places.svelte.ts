/** The map data of the page, read once per version, and the names that come with it. */
import type { Geometry } from '../wire';
import { address, readAddress } from './api';
import { language } from './i18n/index.svelte';
import { Atlas } from './map/atlas';
import { retryMs } from './resource.svelte';
import { ApiError } from './api';

const KIND_WORDS = /^(Quận|Huyện|Thị xã|Thành phố|Phường|Xã|Thị trấn) /;

/** Lists drop the kind of a district or ward; page titles keep it. */
export function bare(name: string): string {
  const cut = name.replace(KIND_WORDS, '');
  // "Quận 1" without its kind would be a number.
  return /^\d+$/.test(cut) ? name : cut;
}

class Places {
  atlas = $state.raw<Atlas | null>(null);
  failed = $state.raw<ApiError | null>(null);

  async load(attempt = 0): Promise<void> {
    try {
      this.atlas = new Atlas(await readAddress<Geometry>(address('geometry')));
      this.failed = null;
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError(0, String(cause), null);
      this.failed = error;
      setTimeout(() => void this.load(attempt + 1), retryMs(error, attempt));
    }
  }

  title(code: string | null | undefined): string | null {
    const shape = this.atlas?.district(code);
    return shape ? language.name(shape.row) : null;
  }

  district(code: string | null | undefined): string | null {
    const title = this.title(code);
    return title && bare(title);
  }

  ward(code: string | null | undefined): string | null {
    const shape = this.atlas?.ward(code);
    return shape ? bare(language.name(shape.row)) : null;
  }
}

export const places = new Places();
