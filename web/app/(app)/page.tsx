import { Home } from "@/features/shell/Home";

export default Home;
