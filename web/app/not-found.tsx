import { NotFound } from "@/features/shell/NotFound";

export default NotFound;
