/** Seeds of the simulation, a quarter of them: see check_seeds.ts. */
import { testSeeds } from "./check_seeds.ts";

testSeeds(2);
