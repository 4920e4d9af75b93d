// The one lazy chunk: what of ECharts is used, and nothing else. Only load.ts loads it.
import { BarChart, CustomChart, LineChart, PieChart } from 'echarts/charts';
import { DataZoomInsideComponent, DataZoomSliderComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, CustomChart, LineChart, PieChart, DataZoomInsideComponent, DataZoomSliderComponent, GridComponent, TooltipComponent, SVGRenderer]);

// What only a drawn chart needs.
export { optionOf } from './options';

export type Engine = EChartsType;

export function create(element: HTMLElement): Engine {
  return init(element, null, { renderer: 'svg' });
}
